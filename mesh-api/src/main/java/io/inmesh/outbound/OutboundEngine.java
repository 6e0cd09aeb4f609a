package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.MeshException;
import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.RequestHead;
import io.inmesh.snapshot.ConfigurationWait;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MissingConfiguration;
import io.inmesh.snapshot.SourceStatus;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outbound side of a mesh: compiles each snapshot on the configuration thread, puts it in force with one write, and makes calls.
 * {@link io.inmesh.Mesh} is its face to applications.
 *
 * <p>Thread-safe.
 */
public final class OutboundEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutboundEngine.class);

    private final OutboundSettings settings;
    private final UpstreamClusters clusters;
    private final MeshCompiler compiler;
    private final Interests interests;
    private final ConfigurationWait waiting = new ConfigurationWait();
    private volatile @Nullable CompiledMesh mesh;
    private volatile boolean closed;

    /** An engine without configuration. */
    public OutboundEngine(OutboundSettings settings) {
        this.settings = settings;
        this.clusters = new UpstreamClusters(settings.random());
        this.interests = new Interests(settings.source());
        this.compiler = new MeshCompiler(settings.source().dialect(), settings.filters(), clusters, interests);
    }

    /**
     * Puts a snapshot in force; called on the configuration thread. Make before break: new clusters are there before routes lead to them, and old ones go when no route leads there any more. Nothing is changed
     * before everything is compiled, so a snapshot that cannot be is as if it had never come.
     */
    public void apply(MeshSnapshot snapshot) {
        try {
            CompiledMesh compiled = compiler.compile(snapshot);
            clusters.serve(snapshot);
            mesh = compiled;
            clusters.retire(snapshot);
        } catch (RuntimeException e) {
            LOG.error("Snapshot {} could not be put in force; the one before it stays", snapshot.generation(), e);
        }
        waiting.wakeAll();
    }

    /** The living clusters, for those who keep connections to their hosts. */
    public UpstreamClusters clusters() {
        return clusters;
    }

    /** See {@link io.inmesh.Mesh#snapshot}. */
    public MeshSnapshot snapshot() {
        CompiledMesh now = mesh;
        return now == null ? MeshSnapshot.EMPTY : now.snapshot();
    }

    /** See {@link io.inmesh.Mesh#status}. */
    public SourceStatus status() {
        return settings.source().status();
    }

    /** See {@link io.inmesh.Mesh#awaitReady}. */
    public void awaitReady(Duration timeout) throws MeshException, InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Runnable waiter = told::countDown;
        waiting.add(waiter);
        if (mesh == null && !closed) {
            boolean unused = told.await(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
        }
        waiting.remove(waiter);
        if (closed) {
            throw new MeshException("the mesh is closed", null, null, null);
        }
        if (mesh == null) {
            throw new MeshException(
                    "no complete configuration within " + timeout + ": " + MissingConfiguration.describe(status()),
                    null,
                    null,
                    null);
        }
    }

    /** See {@link io.inmesh.Mesh#explain}. */
    public Explanation explain(RequestHead head) {
        return new Explainer(this).explain(head);
    }

    /** See {@link io.inmesh.Mesh#newCall}. */
    public OutboundCall newCall(
            CallLoop loop,
            UpstreamTransport transport,
            RequestHead head,
            @Nullable RequestBody body,
            CallOptions options,
            OutboundCall.Observer observer) {
        return new ArrivingCall(this, new CallSite(loop, transport, observer), head, body, options);
    }

    /** See {@link io.inmesh.Mesh#newClusterCall}. */
    public OutboundCall newClusterCall(
            CallLoop loop,
            UpstreamTransport transport,
            RequestHead head,
            ClusterRoute route,
            OutboundCall.Observer observer) {
        return new ClusterCall(this, new CallSite(loop, transport, observer), head, route);
    }

    @Override
    public void close() {
        closed = true;
        interests.closeAll();
        settings.source().close();
        waiting.wakeAll();
    }

    OutboundSettings settings() {
        return settings;
    }

    /** The configuration in force, or null before there is one. */
    @Nullable
    CompiledMesh mesh() {
        return mesh;
    }

    Interests interests() {
        return interests;
    }

    ConfigurationWait waiting() {
        return waiting;
    }

    boolean isClosed() {
        return closed;
    }
}
