package io.inmesh.xds.protocol;

import com.google.protobuf.Any;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of one kind: what is wanted, what is known, what is being waited for. It outlives streams, and knows nothing of how requests are
 * written.
 */
final class Inventory {
    private static final Logger log = LoggerFactory.getLogger(Inventory.class);

    /** For the response that has a name, once one without it has come. */
    private static final long DOUBT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ResourceKind kind;
    private final ResourceHandler handler;
    private final StatusBook status;
    private final LongSupplier nanoTime;

    private final Set<String> wanted = new LinkedHashSet<>();
    /** Names wanted since the last turn: what is known of them already is handed over again. */
    private final Set<String> newlyWanted = new LinkedHashSet<>();

    private final Map<String, Known> known = new HashMap<>();
    private final AwaitedNames awaited = new AwaitedNames();

    /** Names whose newest version was refused. */
    private final Set<String> refusedNames = new HashSet<>();

    private boolean wildcard;
    private boolean answered;
    private boolean hasTimesToLive;
    private String sotwVersion = "";
    private int sotwServer = -1;

    /** An accepted version. {@code server} is the place in the list of the server that gave it. */
    private record Known(String version, @Nullable Any body, int server, long expiresAt) {
        /** Without the body, which may be a secret. */
        @Override
        public String toString() {
            return "version '" + version + "'";
        }
    }

    Inventory(ResourceKind kind, ResourceHandler handler, StatusBook status, LongSupplier nanoTime) {
        this.kind = kind;
        this.handler = handler;
        this.status = status;
        this.nanoTime = nanoTime;
    }

    ResourceKind kind() {
        return kind;
    }

    // ---- what is wanted

    void wildcard() {
        wildcard = true;
    }

    boolean isWildcard() {
        return wildcard;
    }

    boolean isWanted() {
        return wildcard || !wanted.isEmpty();
    }

    /** The names that were asked for one by one. */
    Set<String> wanted() {
        return wanted;
    }

    void subscribe(String name) {
        if (wanted.add(name)) {
            newlyWanted.add(name);
            if (!known.containsKey(name)) {
                status.requested(kind.named(name));
            }
        }
    }

    void unsubscribe(String name) {
        if (wanted.remove(name)) {
            newlyWanted.remove(name);
            awaited.forget(name);
            if (!wildcard) {
                refusedNames.remove(name);
                status.forget(kind.named(name));
            }
        }
    }

    /** Hands over what is known of names that were wanted again before they were forgotten. */
    boolean deliverAgain() {
        List<RawResource> again = new ArrayList<>();
        for (String name : newlyWanted) {
            Known last = known.get(name);
            if (last != null && last.body() != null) {
                again.add(new RawResource(kind, name, last.version(), last.body()));
            }
        }
        newlyWanted.clear();
        if (again.isEmpty()) {
            return false;
        }
        Verdict verdict = ask(again, List.of());
        for (RawResource resource : again) {
            Known last = known.get(resource.name());
            if (last != null) {
                settle(resource, verdict, last.server(), last.expiresAt());
            }
        }
        return true;
    }

    /** Forgets what is neither wanted nor on any stream's list: its updates do not arrive any more. */
    void forgetAllBut(Collection<String> onTheWire) {
        if (!wildcard) {
            known.keySet().removeIf(name -> !wanted.contains(name) && !onTheWire.contains(name));
        }
    }

    // ---- what is known

    /** Accepted versions for {@code initial_resource_versions}; those of other servers mean nothing to this one and are left empty. */
    Map<String, String> versionsFor(int server) {
        Map<String, String> versions = new HashMap<>();
        if (kind.isNameless()) {
            return versions;
        }
        known.forEach((name, last) -> {
            if (isWantedByName(name)) {
                versions.put(name, last.server() == server ? last.version() : "");
            }
        });
        return versions;
    }

    /** The response version to start a state-of-the-world stream with: empty unless this server gave all that is wanted. */
    String sotwVersionFor(int server) {
        return sotwServer == server
                        && known.keySet().containsAll(wanted)
                        && known.values().stream().allMatch(last -> last.server() == server)
                ? sotwVersion
                : "";
    }

    /** A state-of-the-world response was accepted as a whole. */
    void acceptedWhole(String version, int server) {
        sotwVersion = version;
        sotwServer = server;
    }

    /** Whether a name was wanted anew in this turn and there is nothing to hand over for it. */
    boolean mustBeAskedFor(String name) {
        return newlyWanted.contains(name) && !known.containsKey(name);
    }

    /**
     * Takes a response.
     *
     * @param complete whether what is left out does not exist; if a name cannot be read, nothing is known to be left out (Envoy's {@code GrpcMuxImpl} takes nothing at
     *                 all of such a response)
     * @return why resources were refused, for the server, or null if none was
     */
    @Nullable
    String apply(List<IncomingResource> incoming, List<String> goneNames, boolean complete, int server) {
        Map<String, String> refused = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        Map<String, Long> expiry = new HashMap<>();
        List<RawResource> changed = new ArrayList<>();
        for (IncomingResource each : incoming) {
            String name = ownNameOf(each);
            if (!seen.add(name)) {
                refused.put(name, "appears twice in one response; the first one counts");
                continue;
            }
            if (each.problem() != null) {
                if (each.isNameless()) {
                    refused.put(name, each.problem());
                } else if (isWantedByName(name)) {
                    refused.put(name, each.problem());
                    refuse(name, each.problem());
                }
                continue;
            }
            long expiresAt = each.ttlNanos() == 0 ? Long.MAX_VALUE : nanoTime.getAsLong() + each.ttlNanos();
            hasTimesToLive |= each.ttlNanos() != 0;
            if (!isWantedByName(name)) {
                stayUpToDate(name, each, server, expiresAt);
                continue;
            }
            Known last = known.get(name);
            if (each.body() == null || (last != null && each.body().equals(last.body()))) {
                prolong(name, last, each, server, expiresAt);
                continue;
            }
            expiry.put(name, expiresAt);
            changed.add(new RawResource(kind, name, each.version(), each.body()));
        }
        boolean allNamed = incoming.stream().noneMatch(IncomingResource::isNameless);
        List<String> removed = removed(goneNames, complete && allNamed, seen);
        Verdict verdict = ask(changed, removed);
        for (RawResource resource : changed) {
            String error = settle(resource, verdict, server, expiry.getOrDefault(resource.name(), Long.MAX_VALUE));
            if (error != null) {
                refused.putIfAbsent(resource.name(), error);
            }
        }
        answered = true;
        awaited.answered(seen);
        return refused.isEmpty() ? null : NackText.of(refused, incoming.size());
    }

    private List<String> removed(List<String> goneNames, boolean complete, Set<String> seen) {
        Set<String> gone = new LinkedHashSet<>(goneNames);
        if (complete) {
            gone.addAll(known.keySet());
            gone.addAll(refusedNames);
            wanted.stream().filter(name -> !awaited.isAwaited(name)).forEach(gone::add);
            // What comes in this very response is awaited no longer in any case.
            awaited.doubt(nanoTime.getAsLong() + DOUBT_NANOS);
        }
        gone.removeAll(seen);
        List<String> removed = new ArrayList<>();
        for (String name : gone) {
            boolean wasRefused = refusedNames.remove(name);
            boolean was = known.remove(name) != null || wasRefused;
            if (wanted.contains(name)) {
                awaited.gone(name);
                status.missing(kind.named(name), "does not exist, says the control plane");
                removed.add(name);
            } else if (was && wildcard) {
                status.forget(kind.named(name));
                removed.add(name);
            }
        }
        return removed;
    }

    /** The control plane may know a resource under an alias of the name that was asked for ({@code Resource.aliases}). */
    private String ownNameOf(IncomingResource resource) {
        if (!wanted.contains(resource.name())) {
            for (String alias : resource.aliases()) {
                if (wanted.contains(alias)) {
                    return alias;
                }
            }
        }
        return resource.name();
    }

    private boolean isWantedByName(String name) {
        return wildcard || wanted.contains(name);
    }

    /** A name that was given up and is still on the stream's list may be wanted again, and must not be stale then. */
    private void stayUpToDate(String name, IncomingResource resource, int server, long expiresAt) {
        if (known.containsKey(name) && resource.body() != null) {
            known.put(name, new Known(resource.version(), resource.body(), server, expiresAt));
        }
    }

    private void prolong(String name, @Nullable Known last, IncomingResource resource, int server, long expiresAt) {
        if (last != null) {
            // The body in force is the one that was just sent, so an earlier refusal of another body is settled.
            String version = resource.version().isEmpty() ? last.version() : resource.version();
            known.put(name, new Known(version, last.body(), server, expiresAt));
            refusedNames.remove(name);
            status.repeated(kind.named(name), version);
        }
    }

    private @Nullable String settle(RawResource resource, Verdict verdict, int server, long expiresAt) {
        String error = verdict.rejected().get(resource.name());
        if (error != null) {
            refuse(resource.name(), error);
            return error;
        }
        refusedNames.remove(resource.name());
        if (isWantedByName(resource.name())) {
            known.put(resource.name(), new Known(resource.version(), resource.body(), server, expiresAt));
            status.acked(
                    kind.named(resource.name()),
                    resource.version(),
                    verdict.unsupported().getOrDefault(resource.name(), List.of()));
        }
        return null;
    }

    private void refuse(String name, String error) {
        if (isWantedByName(name)) {
            refusedNames.add(name);
            status.nacked(kind.named(name), error);
        }
    }

    /** A handler never throws, says its contract; if one does after all, that is a refusal and not the end of the session. */
    private Verdict ask(List<RawResource> changed, List<String> removed) {
        try {
            return handler.onResponse(kind, List.copyOf(changed), List.copyOf(removed));
        } catch (RuntimeException e) {
            log.error("A response of {} could not be processed; its resources are refused", kind, e);
            Map<String, String> all = new HashMap<>();
            changed.forEach(each -> all.put(each.name(), "could not be processed: " + e));
            return new Verdict(all, Map.of());
        }
    }

    // ---- what is being waited for

    /** A request for these names is on its way; those without an answer yet have until {@code deadline}. */
    void await(Collection<String> names, long deadline) {
        for (String name : names) {
            // A wildcard that was answered once may stay unanswered on a later stream: nothing has changed then.
            boolean settled = name.equals(Subscriptions.WILDCARD)
                    ? answered || awaited.isAbsent(name)
                    : known.containsKey(name)
                            || refusedNames.contains(name)
                            || awaited.isAbsent(name)
                            || !wanted.contains(name);
            if (!settled) {
                awaited.await(name, deadline);
            }
        }
    }

    /** There is no stream on which an answer could come. */
    void awaitNothing() {
        awaited.clear();
    }

    /** When the next name counts as missing, or null if none is awaited. */
    @Nullable
    Long nextDeadline() {
        return awaited.nextDeadline();
    }

    /** Reports names whose time has come; true if there were any that nothing was heard of. */
    boolean expireAwaited(String reason) {
        boolean silent = false;
        for (Map.Entry<String, AwaitedNames.Wait> each :
                awaited.expire(nanoTime.getAsLong()).entrySet()) {
            String name = each.getKey();
            if (each.getValue().doubted()) {
                status.missing(kind.named(name), "does not exist, says the control plane");
                tellMissing(name, "the control plane says that it does not exist");
                continue;
            }
            silent = true;
            if (!name.equals(Subscriptions.WILDCARD)) {
                status.timedOut(kind.named(name), reason);
            }
            tellMissing(name, reason);
        }
        return silent;
    }

    private void tellMissing(String name, String reason) {
        try {
            handler.onMissing(kind, name, reason);
        } catch (RuntimeException e) {
            log.error("The absence of {} could not be processed", kind.named(name), e);
        }
    }

    /** When the first time to live ends; {@link Long#MAX_VALUE} if none does. */
    long nextExpiry() {
        long next = Long.MAX_VALUE;
        if (!hasTimesToLive) {
            return next;
        }
        for (Known last : known.values()) {
            next = Math.min(next, last.expiresAt());
        }
        return next;
    }

    /** Removes what has outlived its time to live; its server has not renewed it. */
    void expireKnown() {
        long now = nanoTime.getAsLong();
        List<String> removed = new ArrayList<>();
        known.forEach((name, last) -> {
            if (last.expiresAt() != Long.MAX_VALUE && last.expiresAt() - now <= 0) {
                removed.add(name);
            }
        });
        for (String name : removed) {
            known.remove(name);
            if (isWantedByName(name)) {
                status.missing(kind.named(name), "was not renewed within its time to live");
            }
        }
        if (!removed.isEmpty()) {
            ask(List.of(), removed);
        }
    }
}
