package io.inmesh.http.server;

import io.inmesh.inbound.InboundPort;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.TlsContext;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.ServerTls;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** One bound port of a server whose TLS is an engine for each connection. */
final class ServedPort {
    /** Envoy's default of {@code listener_filters_timeout}, here for the secrets. */
    private static final long LIMIT_SECONDS = 15;

    /** Each takes a thread of the server, which has others to serve, such as callers in the clear. */
    static final int MAX_WAITING = 16;

    /** RFC 9113, section 3.2. */
    private static final String HTTP2 = "h2";

    private final InboundPort port;
    private final ChainTls tls;
    private final boolean http2;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    ServedPort(InboundPort port, MeshTls mesh) {
        this(port, mesh, true);
    }

    /**
     * One port.
     *
     * @param http2 whether the server speaks HTTP/2; otherwise ALPN does not select it, whatever a chain says
     */
    ServedPort(InboundPort port, MeshTls mesh, boolean http2) {
        this.port = port;
        this.tls = new ChainTls(mesh);
        this.http2 = http2;
    }

    InboundPort port() {
        return port;
    }

    ServedConnection arriving(InetSocketAddress remote, InetSocketAddress local) {
        return new ServedConnection(this, remote, local);
    }

    /**
     * The TLS of a chain. Blocks until its first secrets are there, which by then all connections have.
     *
     * @throws SSLException if they do not come in time, or never, or enough others wait for them
     */
    ServerTls ready(DownstreamTls settings) throws SSLException {
        ServerTls server = tls.of(http2 ? settings : withoutHttp2(settings));
        if (server.awaited() == null) {
            return server;
        }
        if (!waiting.tryAcquire()) {
            throw new SSLException("it awaits " + server.awaited() + ", as " + MAX_WAITING + " others do");
        }
        try {
            return await(server);
        } finally {
            waiting.release();
        }
    }

    private static ServerTls await(ServerTls server) throws SSLException {
        CompletableFuture<String> ready = new CompletableFuture<>();
        Runnable stopWaiting =
                server.whenReady(Runnable::run, problem -> ready.complete(problem == null ? "" : problem));
        try {
            String problem = ready.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (!problem.isEmpty()) {
                throw new SSLException(problem);
            }
            return server;
        } catch (TimeoutException e) {
            throw new SSLException("in " + LIMIT_SECONDS + " s it did not get " + server.awaited(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SSLException("the server stops", e);
        } catch (ExecutionException e) {
            throw new SSLException(e.getCause());
        } finally {
            stopWaiting.run();
        }
    }

    private static DownstreamTls withoutHttp2(DownstreamTls settings) {
        TlsContext common = settings.common();
        if (!common.alpn().contains(HTTP2)) {
            return settings;
        }
        List<String> others =
                common.alpn().stream().filter(each -> !each.equals(HTTP2)).toList();
        return settings.with(new TlsContext(
                common.parameters(), common.certificates(), common.validation(), common.validationSecret(), others));
    }
}
