package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.Explanation.Verdict;
import io.inmesh.MeshException;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.routing.UrlNormalizer;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MissingConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * A call until it is known which way it takes. It waits where configuration is not there yet, without a thread and not for ever, and never goes out
 * directly because configuration is late.
 */
final class ArrivingCall implements OutboundCall, PassthroughCall.Gate {
    private final OutboundEngine engine;
    private final CallSite site;
    private final RequestHead head;
    private final @Nullable RequestBody body;
    private final CallOptions options;
    private final Runnable wake;

    private @Nullable OutboundCall way;
    private @Nullable Turn turn;
    private CallLoop.@Nullable Timer patience;
    private String awaited = "";
    private boolean ended;
    private long demand;

    ArrivingCall(
            OutboundEngine engine, CallSite site, RequestHead head, @Nullable RequestBody body, CallOptions options) {
        this.engine = engine;
        this.site = site;
        this.head = head;
        this.body = body;
        this.options = options;
        this.wake = () -> site.loop().execute(this::choose);
    }

    @Override
    public void start() {
        choose();
    }

    @Override
    public void request(long bytes) {
        demand = Demand.add(demand, bytes);
        if (way != null) {
            way.request(bytes);
        }
    }

    @Override
    public void cancel() {
        if (way != null) {
            way.cancel();
        } else {
            end();
        }
    }

    private void choose() {
        if (ended || way != null) {
            return;
        }
        Destination destination;
        try {
            destination = options.destination() != null
                    ? options.destination()
                    : Destination.of(head.scheme(), head.authority());
        } catch (IllegalArgumentException e) {
            fail(new MeshException(String.valueOf(e.getMessage()), null, null, e));
            return;
        }
        CompiledMesh mesh = engine.mesh();
        if (engine.isClosed()) {
            fail(failure(destination, Verdict.REFUSED, "the mesh is closed"));
        } else if (mesh == null) {
            await(null, "the first complete snapshot");
        } else {
            choose(mesh, destination);
        }
    }

    private void choose(CompiledMesh mesh, Destination destination) {
        Choice choice = mesh.choose(destination);
        if (choice instanceof Choice.Meshed meshed) {
            route(mesh, mesh.listener(meshed), destination, true);
        } else if (choice instanceof Choice.Passthrough passthrough) {
            leave(destination, passthrough.reason());
        } else if (choice instanceof Choice.Refused refused) {
            refuse(destination, refused);
        } else if (choice instanceof Choice.Wanted wanted) {
            String absence = mesh.snapshot().absent().get(wanted.name());
            if (absence != null) {
                refuse(destination, Choice.Refused.unknown(wanted.name() + " does not exist: " + absence));
            } else {
                engine.interests().want(wanted.name());
                await(mesh, wanted.name().toString());
            }
        }
    }

    /** @param mayLeave whether the application is asked if the listener does not know the host */
    private void route(CompiledMesh mesh, CompiledListener listener, Destination destination, boolean mayLeave) {
        listener.noteUse();
        StreamInfo info = new StreamInfo();
        info.startTimeMillis(engine.settings().clock().millis());
        long chance = engine.settings().random().nextLong();
        LocalReply refusal = UrlNormalizer.apply(head, listener.http().url(), destination.port());
        RouteChoice choice = listener.choose(head, info, chance);
        if (refusal == null
                && mayLeave
                && choice.isUnknownHost()
                && engine.settings().passthrough().test(destination)) {
            leave(destination, RouteProblem.ALLOWED);
        } else {
            Arrival arrival = new Arrival(site, destination, head, head.method(), body, options, info, chance);
            go(new RoutedCall(engine, arrival, mesh, choice, refusal));
        }
    }

    private void refuse(Destination destination, Choice.Refused refused) {
        if (!refused.unknown()) {
            fail(failure(destination, Verdict.REFUSED, refused.reason()));
        } else if (engine.settings().passthrough().test(destination)) {
            leave(destination, "the application allows it, and " + refused.reason());
        } else {
            fail(
                    failure(
                            destination,
                            Verdict.REFUSED,
                            refused.reason()
                                    + "; give the host a route in the control plane, or allow it with Mesh.builder().passthrough(...)"));
        }
    }

    private void leave(Destination destination, String reason) {
        go(new PassthroughCall(this, site, destination, reason, head, body, options));
    }

    @Override
    public @Nullable String objection(Destination destination, IpAddress address) {
        CompiledMesh mesh = engine.mesh();
        Choice there = mesh == null ? null : mesh.at(destination, address);
        if (mesh == null || there == null) {
            return null;
        }
        String text = WayOut.describe(destination, address, there);
        turn = new Turn(mesh, destination, there, text);
        return text;
    }

    @Override
    public boolean turns() {
        Turn next = turn;
        if (next == null) {
            return false;
        }
        turn = null;
        way = null;
        if (next.choice() instanceof Choice.Meshed meshed) {
            // A sidecar would not ask the application about a host that the listener does not know.
            route(next.mesh(), next.mesh().listener(meshed), next.destination(), false);
        } else {
            fail(failure(next.destination(), Verdict.REFUSED, next.text()));
        }
        return true;
    }

    /** What was found where the name of a call's host has led. */
    private record Turn(CompiledMesh mesh, Destination destination, Choice choice, String text) {}

    private void go(OutboundCall next) {
        stopWaiting();
        way = next;
        if (demand > 0) {
            next.request(demand);
        }
        next.start();
    }

    private void await(@Nullable CompiledMesh seen, String what) {
        awaited = what;
        if (patience == null) {
            patience = site.loop().schedule(this::giveUp, engine.settings().configurationTimeoutNanos());
        }
        engine.waiting().add(wake);
        // What was published between the look and the addition has woken nobody.
        if (engine.mesh() != seen || engine.isClosed()) {
            engine.waiting().remove(wake);
            wake.run();
        }
    }

    private void giveUp() {
        if (!ended && way == null) {
            fail(new MeshException(
                    "no answer for " + head.scheme() + "://" + head.authority() + " within "
                            + engine.settings().configurationTimeout() + ": " + awaited + " has not come; "
                            + MissingConfiguration.describe(engine.status()),
                    null,
                    null,
                    null));
        }
    }

    private static MeshException failure(Destination destination, Verdict verdict, String reason) {
        return new MeshException(reason, Explanation.of(destination, verdict, reason), null, null);
    }

    private void fail(MeshException failure) {
        end();
        site.observer().onFailure(failure);
    }

    private void end() {
        ended = true;
        stopWaiting();
    }

    private void stopWaiting() {
        engine.waiting().remove(wake);
        if (patience != null) {
            patience.cancel();
            patience = null;
        }
    }
}
