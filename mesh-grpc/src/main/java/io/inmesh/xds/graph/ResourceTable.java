package io.inmesh.xds.graph;

import com.google.protobuf.Any;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** All resources of one kind by name: the last good version of each, or the reason why there is none. */
final class ResourceTable<T> {
    private final BiFunction<String, Any, Decoded<T>> decoder;
    private final Map<String, Entry<T>> entries = new LinkedHashMap<>();

    ResourceTable(BiFunction<String, Any, Decoded<T>> decoder) {
        this.decoder = decoder;
    }

    /** What is known of a name. */
    private static final class Entry<T> {
        private @Nullable Any body;
        private @Nullable T value;
        private @Nullable String problem;
        private List<String> unsupported = List.of();
        private boolean fixed;
    }

    /** Takes over what can be used. A body that has not changed gives the very same value. */
    Verdict accept(List<RawResource> changed, boolean fixed) {
        Map<String, String> rejected = new HashMap<>();
        Map<String, List<String>> unsupported = new HashMap<>();
        for (RawResource resource : changed) {
            Entry<T> entry = entries.computeIfAbsent(resource.name(), name -> new Entry<>());
            if (entry.fixed && !fixed) {
                continue;
            }
            entry.fixed = fixed;
            if (entry.value == null || !resource.body().equals(entry.body)) {
                decode(resource, entry);
            } else {
                entry.problem = null;
            }
            if (entry.problem != null) {
                rejected.put(resource.name(), entry.problem);
            } else if (!entry.unsupported.isEmpty()) {
                unsupported.put(resource.name(), entry.unsupported);
            }
        }
        return rejected.isEmpty() && unsupported.isEmpty()
                ? Verdict.ACCEPTED
                : new Verdict(Map.copyOf(rejected), Map.copyOf(unsupported));
    }

    private void decode(RawResource resource, Entry<T> entry) {
        Decoded<T> decoded = decoder.apply(resource.name(), resource.body());
        if (decoded instanceof Decoded.Accepted<T> accepted) {
            entry.body = resource.body();
            entry.value = accepted.value();
            entry.unsupported = accepted.unsupported();
            entry.problem = null;
        } else if (decoded instanceof Decoded.Rejected<T> refused) {
            entry.problem = refused.reason();
        }
    }

    /** The last good version, or null. */
    @Nullable
    T value(String name) {
        Entry<T> entry = entries.get(name);
        return entry == null ? null : entry.value;
    }

    /** Why there is no version of it at all; null if there is one, or if the answer is still awaited. */
    @Nullable
    String problem(String name) {
        Entry<T> entry = entries.get(name);
        return entry == null || entry.value != null ? null : entry.problem;
    }

    /** Keeps a last good version, if there is one; otherwise notes why there is none. */
    void missing(String name, String reason) {
        Entry<T> entry = entries.computeIfAbsent(name, each -> new Entry<>());
        if (entry.value == null) {
            entry.problem = reason;
        }
    }

    /** Takes a name away, unless it is fixed. */
    void remove(String name) {
        Entry<T> entry = entries.get(name);
        if (entry != null && !entry.fixed) {
            entries.remove(name);
        }
    }

    /** Those of the names that the bootstrap did not bring already. */
    Set<String> withoutFixed(Set<String> names) {
        Set<String> others = new HashSet<>(names);
        entries.forEach((name, entry) -> {
            if (entry.fixed) {
                others.remove(name);
            }
        });
        return others;
    }

    /** All names, in the order of their coming. */
    Set<String> names() {
        return entries.keySet();
    }

    /** Takes away what is neither fixed nor among these names. */
    void retain(Set<String> names) {
        entries.entrySet().removeIf(entry -> !entry.getValue().fixed && !names.contains(entry.getKey()));
    }
}
