package io.inmesh.snapshot;

import io.inmesh.filter.HttpFilterFactory;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where a mesh's configuration comes from: a control plane, a folder of files, a test. It works in both directions: it publishes snapshots, and
 * is told which names are wanted and by whom.
 *
 * <p>All methods may be called from any thread and none of them blocks.
 */
public interface ConfigurationSource extends AutoCloseable {

    /** How a request finds its listener under this source's conventions. */
    Dialect dialect();

    /**
     * The secrets that the source gets beside its stream, such as the workload's own certificate; none unless it says otherwise. They live as long as the source,
     * and come after the application's own.
     */
    default SecretProvider secrets() {
        return SecretProvider.firstOf(List.of());
    }

    /**
     * The kinds of HTTP filter that the source itself brings, because they speak of who this process is; none unless it says otherwise. They run on the loop and never
     * block, and come after the application's own.
     */
    default List<HttpFilterFactory<?>> filters() {
        return List.of();
    }

    /**
     * Starts the source. Called once. Snapshots are handed over one after the other, on a thread of the source's own, the first one as soon as it
     * is complete; the last good one stays in force when the source is away.
     *
     * @param subscriber takes each new snapshot; quick, and never throws
     */
    void start(Consumer<MeshSnapshot> subscriber);

    /**
     * Says that a resource is wanted, beyond what the source brings anyway. A later snapshot has it, or lists it as
     * {@linkplain MeshSnapshot#absent() absent}.
     *
     * @param name    what
     * @param watcher who wants it, in words for the status
     * @return to be closed when it is no longer wanted
     */
    Interest want(ResourceName name, String watcher);

    /** The state of the source and of each resource, at this moment. */
    SourceStatus status();

    /** Ends the source: no snapshot comes after it. Repeated calls do nothing. */
    @Override
    void close();

    /** One wish for one resource. */
    interface Interest extends AutoCloseable {
        /** Takes the wish back. Repeated calls do nothing. */
        @Override
        void close();
    }
}
