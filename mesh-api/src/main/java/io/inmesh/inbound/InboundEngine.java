package io.inmesh.inbound;

import io.inmesh.MeshException;
import io.inmesh.snapshot.ConfigurationWait;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MissingConfiguration;
import io.inmesh.snapshot.ResourceName;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server side of a mesh: finds the listener of each port that a server has bound, compiles it with each snapshot, and puts it in force.
 * {@link io.inmesh.Mesh#inbound} is its face to servers.
 *
 * <p>Thread-safe. Its one lock is for configuring: a snapshot that comes, a server that binds or lets go. Connections and requests never take it.
 */
public final class InboundEngine implements InboundListeners, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InboundEngine.class);

    private final InboundSettings settings;
    private final ChainCompiler compiler;
    private final ConfigurationWait waiting = new ConfigurationWait();
    private final ReentrantLock configuring = new ReentrantLock();
    private final Set<ServerPort> ports = new LinkedHashSet<>();
    private Map<String, ServedListener> listeners = Map.of();
    private MeshSnapshot snapshot = MeshSnapshot.EMPTY;
    private volatile boolean closed;

    /** An engine without configuration. */
    public InboundEngine(InboundSettings settings) {
        this.settings = settings;
        this.compiler = new ChainCompiler(settings);
    }

    /** Puts a snapshot in force. One that cannot be compiled is as if it had never come. Called on the configuration thread. */
    public void apply(MeshSnapshot next) {
        configuring.lock();
        try {
            configure(next);
            snapshot = next;
        } catch (RuntimeException e) {
            LOG.error(
                    "Snapshot {} could not be put in force for servers; the one before it stays", next.generation(), e);
        } finally {
            configuring.unlock();
        }
        waiting.wakeAll();
    }

    @Override
    public InboundPort port(BoundAddress address) {
        ServerPort port = new ServerPort(this, address);
        configuring.lock();
        try {
            ports.add(port);
            configure(snapshot);
        } finally {
            configuring.unlock();
        }
        return port;
    }

    private void configure(MeshSnapshot next) {
        if (closed || next.generation() == 0) {
            return;
        }
        Map<String, ServedListener> compiled = new HashMap<>();
        Map<ServerPort, ServerPort.State> states = new LinkedHashMap<>();
        for (ServerPort port : ports) {
            states.put(port, state(port, settings.source().dialect().bind(next, port.address()), next, compiled));
        }
        Map<String, ServedListener> before = listeners;
        listeners = compiled;
        compiled.forEach((name, listener) -> listener.putInForce(before.get(name)));
        states.forEach(ServerPort::state);
        before.forEach((name, listener) -> {
            if (!compiled.containsKey(name)) {
                listener.retire();
            }
        });
    }

    private ServerPort.State state(
            ServerPort port, Binding binding, MeshSnapshot next, Map<String, ServedListener> compiled) {
        if (binding instanceof Binding.Served served) {
            String name = served.listener().name();
            ServedListener listener = compiled.get(name);
            if (listener == null) {
                listener = ServedListener.of(served.listener(), next, listeners.get(name), settings, compiler);
                compiled.put(name, listener);
            }
            return new ServerPort.State(listener, "");
        }
        if (binding instanceof Binding.Wanted wanted) {
            want(port, wanted.name());
            return new ServerPort.State(null, "waits for " + wanted.name());
        }
        return new ServerPort.State(null, ((Binding.Refused) binding).reason());
    }

    private void want(ServerPort port, ResourceName name) {
        if (!name.equals(port.wanted)) {
            release(port);
            port.wanted = name;
            port.interest = settings.source().want(name, "server on " + port.address());
        }
    }

    private static void release(ServerPort port) {
        if (port.interest != null) {
            port.interest.close();
        }
        port.interest = null;
        port.wanted = null;
    }

    void awaitReady(ServerPort port, Duration timeout) throws MeshException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
        while (!port.isReady() && !closed) {
            CountDownLatch told = new CountDownLatch(1);
            Runnable waiter = told::countDown;
            waiting.add(waiter);
            boolean inTime = port.isReady() || closed || told.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            waiting.remove(waiter);
            if (!inTime) {
                throw failure(port.status() + "; nothing better within " + timeout + ": "
                        + MissingConfiguration.describe(settings.source().status()));
            }
        }
        if (closed) {
            throw failure("the mesh is closed");
        }
    }

    private static MeshException failure(String text) {
        return new MeshException(text, null, null, null);
    }

    void close(ServerPort port) {
        configuring.lock();
        try {
            ports.remove(port);
            release(port);
        } finally {
            configuring.unlock();
        }
    }

    /** What of a listener is in force, or null; for tests. */
    @Nullable
    ServedListener listener(String name) {
        configuring.lock();
        try {
            return listeners.get(name);
        } finally {
            configuring.unlock();
        }
    }

    /** All ports refuse connections from now on; those that there are go on. */
    @Override
    public void close() {
        configuring.lock();
        try {
            closed = true;
            for (ServerPort port : ports) {
                release(port);
                port.state(new ServerPort.State(null, "the mesh is closed"));
            }
            ports.clear();
        } finally {
            configuring.unlock();
        }
        waiting.wakeAll();
    }
}
