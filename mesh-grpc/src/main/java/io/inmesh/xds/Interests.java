package io.inmesh.xds;

import io.inmesh.snapshot.ConfigurationSource.Interest;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who wants what by name. Thread-safe; the first wish for a name and the end of the last one are told on. */
final class Interests {
    /** Lists are never changed, only replaced. */
    private final Map<ResourceName, List<String>> watchers = new ConcurrentHashMap<>();

    private final Consumer<ResourceName> first;
    private final Consumer<ResourceName> last;

    Interests(Consumer<ResourceName> first, Consumer<ResourceName> last) {
        this.first = first;
        this.last = last;
    }

    Interest add(ResourceName name, String watcher) {
        List<String> now = watchers.merge(name, List.of(watcher), Interests::joined);
        if (now.size() == 1) {
            first.accept(name);
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                remove(name, watcher);
            }
        };
    }

    Set<ResourceName> wanted() {
        return Set.copyOf(watchers.keySet());
    }

    boolean isWanted(ResourceName name) {
        return watchers.containsKey(name);
    }

    /** The same states with those who want them. */
    List<ResourceStatus> mark(List<ResourceStatus> resources) {
        List<ResourceStatus> marked = new ArrayList<>(resources.size());
        for (ResourceStatus each : resources) {
            List<String> who = watchers.get(each.name());
            marked.add(
                    who == null
                            ? each
                            : new ResourceStatus(
                                    each.name(),
                                    each.state(),
                                    each.version(),
                                    each.error(),
                                    each.since(),
                                    who,
                                    each.unsupported()));
        }
        return List.copyOf(marked);
    }

    private void remove(ResourceName name, String watcher) {
        if (watchers.computeIfPresent(name, (unused, list) -> without(list, watcher)) == null) {
            last.accept(name);
        }
    }

    private static List<String> joined(List<String> list, List<String> more) {
        List<String> joined = new ArrayList<>(list);
        joined.addAll(more);
        return List.copyOf(joined);
    }

    private static @Nullable List<String> without(List<String> list, String watcher) {
        List<String> rest = new ArrayList<>(list);
        rest.remove(watcher);
        return rest.isEmpty() ? null : List.copyOf(rest);
    }
}
