package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.inmesh.xds.protocol.AdsAction.CancelTimer;
import io.inmesh.xds.protocol.AdsAction.Close;
import io.inmesh.xds.protocol.AdsAction.Open;
import io.inmesh.xds.protocol.AdsAction.Send;
import io.inmesh.xds.protocol.AdsAction.SetTimer;
import io.inmesh.xds.protocol.XdsServer.Habits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The aggregated discovery service as a state machine without I/O: inputs are calls, outputs are {@linkplain #drain() actions}. Resources
 * go to a {@link ResourceHandler} and changes of the connection to a consumer, both within the input that brings them about.
 *
 * <p><b>Servers.</b> They are tried in the order of the list. A stream that ends before its first answer is a failure of its server, and the next
 * one is tried at once; after the last one comes a back-off, then the first again. While a later server is in use, the earlier ones are
 * probed, with a back-off of its own, and the first answer of one of them makes its stream the one in use (gRFC A71; unlike there, having everything
 * in a cache does not keep a client from failing over). The back-off starts anew with a response (gRFC A57), not with a connection.
 *
 * <p><b>Turns.</b> Subscriptions only change what is wanted; requests for all of it are written by {@link #endTurn()}.
 */
final class AdsMachine implements Subscriptions {
    private static final Logger log = LoggerFactory.getLogger(AdsMachine.class);

    private final List<XdsServer> servers;
    private final AdsSettings settings;
    private final Node node;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Consumer<ConnectionState> connection;
    private final Map<ResourceKind, Inventory> inventories = new EnumMap<>(ResourceKind.class);
    private final TransportChoice transports;
    private final Backoff backoff;
    private final Backoff probeBackoff;
    private List<AdsAction> actions = new ArrayList<>();

    private @Nullable OpenStream active;
    private @Nullable OpenStream probe;
    private @Nullable String health;
    private boolean started;
    private boolean waitingToReconnect;
    private int streams;
    private @Nullable Long resourcesDue;
    private ConnectionState reported = new ConnectionState(0, false, null, false);

    AdsMachine(
            List<XdsServer> servers,
            AdsSettings settings,
            Node node,
            ResourceHandler handler,
            StatusBook status,
            Consumer<ConnectionState> connection,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.servers = servers;
        this.settings = settings;
        this.node = node;
        this.nanoTime = nanoTime;
        this.random = random;
        this.connection = connection;
        this.transports = new TransportChoice(servers);
        this.backoff = new Backoff(random, settings.backoffBase(), settings.backoffMax());
        this.probeBackoff = new Backoff(random, settings.backoffBase(), settings.backoffMax());
        for (ResourceKind kind : ResourceKind.values()) {
            inventories.put(kind, new Inventory(kind, handler, status, nanoTime));
        }
    }

    /** What there is to do, in this order; each action is given once. */
    List<AdsAction> drain() {
        List<AdsAction> drained = actions;
        actions = new ArrayList<>();
        return drained;
    }

    // ---- wishes

    @Override
    public void subscribe(ResourceKind kind, String name) {
        inventory(kind).subscribe(name);
    }

    @Override
    public void unsubscribe(ResourceKind kind, String name) {
        inventory(kind).unsubscribe(name);
    }

    @Override
    public void wildcard(ResourceKind kind) {
        inventory(kind).wildcard();
    }

    /** Behind the next requests, and again on each later stream; see {@link AdsSession#reportHealth}. */
    void reportHealth(String problem) {
        health = problem;
    }

    // ---- events

    /** From now on streams are opened; the first one when something is wanted. */
    void start() {
        started = true;
    }

    /** The turn of the session's thread is over: what was changed in it is written. */
    void endTurn() {
        if (started && active == null && !waitingToReconnect && isAnythingWanted()) {
            openActive(0);
        }
        boolean again = true;
        while (again) {
            again = false;
            writeChanges();
            for (Inventory inventory : inventories.values()) {
                // A handler may want more when it is given something; that belongs to the same turn.
                again |= inventory.deliverAgain();
            }
        }
        writeHealth();
        armResourceTimer();
    }

    /** The connection of a stream is up: from now on an answer can be expected. */
    void ready(int id) {
        OpenStream stream = stream(id);
        if (stream == null || stream.ready) {
            return;
        }
        stream.ready = true;
        actions.add(new CancelTimer(stream == active ? AdsTimer.CONNECT : AdsTimer.PROBE_CONNECT));
        if (stream == active) {
            awaitAll(stream);
        }
        endTurn();
    }

    /** A response has come. */
    void received(int id, String typeUrl, Message response) {
        OpenStream stream = stream(id);
        if (stream == null) {
            return;
        }
        ResourceKind kind = ResourceKind.ofTypeUrl(typeUrl);
        if (kind == null || !stream.conversation.hasAskedFor(kind)) {
            // Neither an acknowledgement nor a refusal: as the first request of a type it would subscribe to
            // everything.
            if (stream.ignoredTypes.size() < 32 && stream.ignoredTypes.add(typeUrl)) {
                log.warn("{} sends '{}', which was not asked for; it is ignored", target(stream), typeUrl);
            }
            return;
        }
        answered(stream);
        actions.add(new Send(stream.id, stream.conversation.answer(response, inventory(kind))));
        endTurn();
    }

    /** A stream has ended, or could not be opened. */
    void ended(int id, StreamEnd end) {
        if (probe != null && probe.id == id) {
            probeEnded(probe, end);
        } else if (active != null && active.id == id) {
            activeEnded(active, end);
        }
        endTurn();
    }

    /** A timer has fired. */
    void fired(AdsTimer timer) {
        switch (timer) {
            case RECONNECT -> {
                waitingToReconnect = false;
                if (active == null) {
                    openActive(0);
                }
            }
            case PROBE -> {
                if (active != null && active.server() > 0 && probe == null) {
                    openProbe(0);
                }
            }
            case CONNECT -> giveUp(active, "no connection within " + settings.connectTimeout());
            case PROBE_CONNECT -> giveUp(probe, "no connection within " + settings.connectTimeout());
            case RESOURCES -> {
                resourcesDue = null;
                resourcesDue();
            }
        }
        endTurn();
    }

    // ---- streams

    /** Its first requests are written at the end of the turn, as all are. */
    private void openActive(int server) {
        OpenStream stream = open(server);
        active = stream;
        waitingToReconnect = false;
        actions.add(new SetTimer(AdsTimer.CONNECT, settings.connectTimeout()));
    }

    private void openProbe(int server) {
        probe = open(server);
        actions.add(new SetTimer(AdsTimer.PROBE_CONNECT, settings.connectTimeout()));
    }

    private OpenStream open(int server) {
        int id = ++streams;
        XdsTransport transport = transports.of(server);
        actions.add(new Open(id, server, transport));
        Habits habits = servers.get(server).habits();
        return new OpenStream(
                id,
                transport == XdsTransport.INCREMENTAL
                        ? new DeltaConversation(server, node, habits)
                        : new SotwConversation(server, node, habits));
    }

    private void activeEnded(OpenStream ended, StreamEnd end) {
        active = null;
        actions.add(new CancelTimer(AdsTimer.CONNECT));
        inventories.values().forEach(Inventory::awaitNothing);
        if (!ended.answered && end.unimplemented() && transports.fallBack(ended.server())) {
            openActive(ended.server());
            return;
        }
        report(new ConnectionState(ended.server(), false, target(ended) + ": " + end.reason(), end.nodeHeld()));
        if (probe != null) {
            promoteProbe();
        } else if (!ended.answered && ended.server() + 1 < servers.size()) {
            openActive(ended.server() + 1);
        } else {
            waitingToReconnect = true;
            actions.add(new SetTimer(AdsTimer.RECONNECT, end.nodeHeld() ? pauseOfHeldNode() : backoff.next()));
        }
    }

    /** A server lets go of an earlier stream after some seconds; the wait for it must neither grow nor be a storm. */
    private Duration pauseOfHeldNode() {
        long base = settings.backoffBase().toNanos();
        return Duration.ofNanos(base + random.nextLong(base));
    }

    private void probeEnded(OpenStream ended, StreamEnd end) {
        probe = null;
        actions.add(new CancelTimer(AdsTimer.PROBE_CONNECT));
        if (end.unimplemented() && transports.fallBack(ended.server())) {
            openProbe(ended.server());
        } else if (active != null && ended.server() + 1 < active.server()) {
            openProbe(ended.server() + 1);
        } else if (active != null && active.server() > 0) {
            actions.add(new SetTimer(AdsTimer.PROBE, probeBackoff.next()));
        }
    }

    /** The stream in use has ended while a preferred server was being probed: that probe is the next attempt. */
    private void promoteProbe() {
        OpenStream promoted = probe;
        probe = null;
        active = promoted;
        actions.add(new CancelTimer(AdsTimer.PROBE_CONNECT));
        if (promoted != null && promoted.ready) {
            awaitAll(promoted);
        } else {
            actions.add(new SetTimer(AdsTimer.CONNECT, settings.connectTimeout()));
        }
    }

    private void answered(OpenStream stream) {
        if (stream == probe) {
            OpenStream replaced = active;
            promoteProbe();
            if (replaced != null) {
                actions.add(new Close(replaced.id, "a preferred server is back"));
            }
        }
        if (!stream.answered) {
            stream.answered = true;
            probeBackoff.reset();
            actions.add(new CancelTimer(AdsTimer.PROBE));
            if (stream.server() > 0) {
                actions.add(new SetTimer(AdsTimer.PROBE, probeBackoff.next()));
            }
        }
        backoff.reset();
        report(new ConnectionState(stream.server(), true, null, false));
    }

    private void giveUp(@Nullable OpenStream stream, String reason) {
        if (stream != null) {
            actions.add(new Close(stream.id, reason));
            ended(stream.id, StreamEnd.because(reason));
        }
    }

    private @Nullable OpenStream stream(int id) {
        if (active != null && active.id == id) {
            return active;
        }
        return probe != null && probe.id == id ? probe : null;
    }

    private void report(ConnectionState state) {
        if (!state.equals(reported)) {
            reported = state;
            connection.accept(state);
        }
    }

    private String target(OpenStream stream) {
        return servers.get(stream.server()).target();
    }

    // ---- resources

    private Inventory inventory(ResourceKind kind) {
        Inventory inventory = inventories.get(kind);
        if (inventory == null) {
            throw new IllegalArgumentException(kind.name());
        }
        return inventory;
    }

    private boolean isAnythingWanted() {
        return inventories.values().stream().anyMatch(Inventory::isWanted);
    }

    private void writeHealth() {
        Message report = active == null || health == null ? null : active.report(health);
        if (active != null && report != null) {
            actions.add(new Send(active.id, report));
        }
    }

    private void writeChanges() {
        for (Inventory inventory : inventories.values()) {
            if (active != null) {
                write(active, inventory);
                await(active, inventory);
                inventory.forgetAllBut(active.conversation.onTheWire(inventory.kind()));
            }
            if (probe != null) {
                write(probe, inventory);
            }
        }
    }

    private void write(OpenStream stream, Inventory inventory) {
        for (Message request : stream.conversation.update(inventory)) {
            actions.add(new Send(stream.id, request));
        }
    }

    private void await(OpenStream stream, Inventory inventory) {
        if (stream.ready && !settings.resourceTimeout().isZero()) {
            long deadline = nanoTime.getAsLong() + settings.resourceTimeout().toNanos();
            inventory.await(stream.conversation.onTheWire(inventory.kind()), deadline);
        }
    }

    private void awaitAll(OpenStream stream) {
        inventories.values().forEach(inventory -> await(stream, inventory));
    }

    private void resourcesDue() {
        inventories.values().forEach(Inventory::expireKnown);
        if (active == null) {
            return;
        }
        String reason = target(active) + " has not answered within "
                + settings.resourceTimeout().toSeconds() + " s";
        boolean missing = false;
        for (Inventory inventory : inventories.values()) {
            missing |= inventory.expireAwaited(reason);
        }
        if (missing && !active.answered && transports.silent(active.server())) {
            askIncrementally(active, reason);
        } else if (missing && !active.answered && servers.size() > 1) {
            // The server accepts streams and says nothing: for fail-over that is as good as not being there.
            giveUp(active, reason);
        } else if (missing && !active.answered) {
            String silence = servers.get(active.server()).habits().silence();
            report(new ConnectionState(
                    active.server(), false, reason + " to anything that was asked for" + silence, false));
        }
    }

    private void askIncrementally(OpenStream silent, String reason) {
        actions.add(new Close(silent.id, reason));
        inventories.values().forEach(Inventory::awaitNothing);
        report(new ConnectionState(
                silent.server(),
                false,
                reason + " to a stream of state of the world, which Kuma 3 does not serve; it is asked incrementally",
                false));
        openActive(silent.server());
    }

    private void armResourceTimer() {
        long now = nanoTime.getAsLong();
        Long next = null;
        for (Inventory inventory : inventories.values()) {
            Long deadline = inventory.nextDeadline();
            if (deadline != null && (next == null || deadline - next < 0)) {
                next = deadline;
            }
            long expiry = inventory.nextExpiry();
            if (expiry != Long.MAX_VALUE && (next == null || expiry - next < 0)) {
                next = expiry;
            }
        }
        if (next == null) {
            if (resourcesDue != null) {
                actions.add(new CancelTimer(AdsTimer.RESOURCES));
            }
        } else if (!next.equals(resourcesDue)) {
            actions.add(new SetTimer(AdsTimer.RESOURCES, Duration.ofNanos(Math.max(next - now, 0))));
        }
        resourcesDue = next;
    }
}
