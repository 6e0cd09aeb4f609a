package io.inmesh.xds.protocol;

import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.snapshot.SourceStatus.State;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has become of each resource. The session's thread writes, any thread reads; entries are immutable. A change is logged once, when it
 * happens.
 */
final class StatusBook {
    private static final Logger log = LoggerFactory.getLogger("io.inmesh.xds.resources");

    private final Map<ResourceName, ResourceStatus> entries = new ConcurrentHashMap<>();
    private final Supplier<Instant> clock;

    StatusBook(Supplier<Instant> clock) {
        this.clock = clock;
    }

    void requested(ResourceName name) {
        put(name, State.REQUESTED, version(name), null, unsupported(name));
    }

    void acked(ResourceName name, String version, List<String> unsupported) {
        ResourceStatus before = entries.get(name);
        put(name, State.ACKED, version, null, unsupported);
        if (before != null && before.state() != State.REQUESTED && before.state() != State.ACKED) {
            log.info("{} is in force again, version '{}'", name, version);
        }
        if (!unsupported.isEmpty() && (before == null || !before.unsupported().equals(unsupported))) {
            log.info("{} sets fields that have no effect here: {}", name, unsupported);
        }
    }

    /** The body in force has come once more, perhaps under a new version. */
    void repeated(ResourceName name, String version) {
        acked(name, version, unsupported(name));
    }

    void nacked(ResourceName name, String error) {
        ResourceStatus before = entries.get(name);
        put(name, State.NACKED, version(name), error, unsupported(name));
        if (before == null || before.state() != State.NACKED || !error.equals(before.error())) {
            String kept = version(name);
            log.warn(
                    "{} is refused: {}; {}",
                    name,
                    error,
                    kept == null ? "no earlier version is in force" : "version '" + kept + "' stays in force");
        }
    }

    void missing(ResourceName name, String reason) {
        absent(name, State.MISSING, reason);
    }

    void timedOut(ResourceName name, String reason) {
        absent(name, State.TIMEOUT, reason);
    }

    void forget(ResourceName name) {
        entries.remove(name);
    }

    /** A copy, in no particular order. */
    List<ResourceStatus> entries() {
        return List.copyOf(entries.values());
    }

    private void absent(ResourceName name, State state, String reason) {
        ResourceStatus before = entries.get(name);
        put(name, state, null, reason, List.of());
        if (before == null || before.state() != state) {
            log.warn("{}: {}", name, reason);
        }
    }

    private void put(
            ResourceName name,
            State state,
            @Nullable String version,
            @Nullable String error,
            List<String> unsupported) {
        ResourceStatus before = entries.get(name);
        if (before != null
                && before.state() == state
                && Objects.equals(before.version(), version)
                && Objects.equals(before.error(), error)
                && before.unsupported().equals(unsupported)) {
            return;
        }
        Instant since = before != null && before.state() == state ? before.since() : clock.get();
        entries.put(name, new ResourceStatus(name, state, version, error, since, List.of(), List.copyOf(unsupported)));
    }

    private @Nullable String version(ResourceName name) {
        ResourceStatus before = entries.get(name);
        return before == null ? null : before.version();
    }

    private List<String> unsupported(ResourceName name) {
        ResourceStatus before = entries.get(name);
        return before == null ? List.of() : before.unsupported();
    }
}
