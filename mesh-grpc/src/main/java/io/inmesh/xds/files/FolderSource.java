package io.inmesh.xds.files;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.snapshot.SourceStatus.State;
import io.inmesh.xds.files.FileMesh.Located;
import io.inmesh.xds.graph.ResourceGraph;
import io.inmesh.xds.graph.SystemResolver;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.SessionThread;
import io.inmesh.xds.protocol.Subscriptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mesh whose configuration is a file or a folder of files with xDS resources in YAML or JSON ({@link ResourceFiles} says in which form). Changes are
 * noticed; a file that cannot be read leaves everything as it was, and the status says in which file, line and field the mistake is. So does one that is just being
 * written: what it holds counts when it has not changed for a moment, for a second if it has become shorter.
 */
public final class FolderSource implements ConfigurationSource {
    private static final Logger log = LoggerFactory.getLogger(FolderSource.class);
    private static final Set<ResourceKind> WILDCARDS = EnumSet.of(ResourceKind.LISTENER, ResourceKind.CLUSTER);
    /** Clusters before what names them, as an aggregated stream would have it. */
    private static final List<ResourceKind> ORDER = List.of(
            ResourceKind.CLUSTER,
            ResourceKind.ENDPOINTS,
            ResourceKind.SECRET,
            ResourceKind.LISTENER,
            ResourceKind.ROUTE_TABLE);

    private final Path path;
    private final Dialect dialect;
    private final Duration shrunkQuiet;
    private final SessionThread loop;
    private final SystemResolver resolver = new SystemResolver();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Map<ResourceName, ResourceStatus> book = new HashMap<>();

    private FileMesh current = FileMesh.empty();
    private int loads;
    private @Nullable ResourceGraph graph;
    private volatile @Nullable FileWatch watch;
    private volatile SourceStatus status;

    /**
     * A source that has not started.
     *
     * @param path    a file or a folder
     * @param dialect how a request finds its listener
     */
    public FolderSource(Path path, Dialect dialect) {
        this(path, dialect, FileWatch.LOOK);
    }

    FolderSource(Path path, Dialect dialect, Duration shrunkQuiet) {
        this.path = path;
        this.dialect = dialect;
        this.shrunkQuiet = shrunkQuiet;
        this.loop = SessionThread.named("inmesh-files");
        this.status = new SourceStatus(path.toString(), false, loop.now(), "not started", List.of());
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public void start(Consumer<MeshSnapshot> subscriber) {
        loop.execute(() -> {
            ResourceGraph created = new ResourceGraph(new FromFiles(), loop, resolver, WILDCARDS, subscriber);
            graph = created;
            created.start();
            // The watch comes first: what changes during the first reading is then read again.
            watch = FileWatch.start(List.of(path), shrunkQuiet, () -> loop.execute(this::load));
            load();
        });
    }

    @Override
    public Interest want(ResourceName name, String watcher) {
        AtomicBoolean released = new AtomicBoolean();
        loop.execute(() -> {
            if (graph != null) {
                graph.want(name);
            }
        });
        return () -> {
            if (released.compareAndSet(false, true)) {
                loop.execute(() -> {
                    if (graph != null) {
                        graph.release(name);
                    }
                });
            }
        };
    }

    @Override
    public SourceStatus status() {
        return status;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        FileWatch running = watch;
        if (running != null) {
            running.close();
        }
        loop.execute(() -> {
            if (graph != null) {
                graph.close();
            }
        });
        loop.close();
        resolver.close();
    }

    private void load() {
        ResourceGraph target = graph;
        if (target == null || closed.get()) {
            return;
        }
        FileMesh read = FileMesh.empty();
        String mistake = null;
        try {
            read = FileMesh.read(path, Integer.toString(loads + 1));
        } catch (ResourceFileException e) {
            mistake = String.valueOf(e.getMessage());
        }
        FileWatch running = watch;
        if (running != null && !running.isSettled()) {
            return; // somebody was writing meanwhile; the watch tells when that is over
        }
        if (mistake != null) {
            report(mistake);
            return;
        }
        loads++;
        FileMesh before = current;
        current = read;
        target.together(() -> ORDER.forEach(kind -> apply(target, kind, before)));
        report(null);
    }

    private void apply(ResourceGraph target, ResourceKind kind, FileMesh before) {
        List<String> removed = before.resources(kind).keySet().stream()
                .filter(name -> !current.resources(kind).containsKey(name))
                .toList();
        removed.forEach(name -> book.remove(kind.named(name)));
        Verdict verdict = target.onResponse(kind, current.all(kind), removed);
        current.resources(kind)
                .forEach((name, located) -> note(kind.named(name), located, before.find(kind, name), verdict));
    }

    private void note(ResourceName name, Located located, @Nullable RawResource old, Verdict verdict) {
        boolean unchanged = old != null && old.body().equals(located.resource().body());
        if (unchanged && book.containsKey(name)) {
            return;
        }
        String refusal = verdict.rejected().get(name.name());
        String error = refusal == null ? null : located.place() + ": " + refusal;
        ResourceStatus before = book.get(name);
        if (error != null) {
            log.warn("{}", error);
        }
        String versionInForce = before == null ? null : before.version();
        book.put(
                name,
                new ResourceStatus(
                        name,
                        error == null ? State.ACKED : State.NACKED,
                        error == null ? located.resource().version() : versionInForce,
                        error,
                        loop.now(),
                        List.of(),
                        verdict.unsupported().getOrDefault(name.name(), List.of())));
    }

    private void report(@Nullable String error) {
        SourceStatus before = status;
        boolean readable = error == null;
        if (error != null && !error.equals(before.error())) {
            log.warn("{}; the last good version stays in force", error);
        }
        Instant since = before.connected() == readable && loads > 1 ? before.since() : loop.now();
        status = new SourceStatus(path.toString(), readable, since, error, new ArrayList<>(book.values()));
    }

    /** Answers from what was read; a name that no file has is missing at once. */
    private final class FromFiles implements Subscriptions {
        @Override
        public void subscribe(ResourceKind kind, String name) {
            loop.execute(() -> {
                ResourceGraph target = graph;
                if (target == null) {
                    return;
                }
                RawResource resource = current.find(kind, name);
                if (resource == null) {
                    target.onMissing(kind, name, "no file of " + path + " has it");
                } else {
                    target.onResponse(kind, List.of(resource), List.of());
                }
            });
        }

        @Override
        public void unsubscribe(ResourceKind kind, String name) {
            // Nothing is on its way.
        }

        @Override
        public void wildcard(ResourceKind kind) {
            // Every reading brings all of them.
        }
    }
}
