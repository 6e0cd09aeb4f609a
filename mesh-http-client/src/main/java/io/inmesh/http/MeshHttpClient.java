package io.inmesh.http;

import io.inmesh.Mesh;
import io.inmesh.http.wire.NettyTransport;
import io.inmesh.http.wire.WireOptions;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A {@link HttpClient} whose requests go through the mesh: {@code http://} requests are routed, balanced, retried and limited by the mesh's
 * configuration. {@code https://} requests are the application's own TLS, which no mesh can look into: they go straight to their address where the mesh
 * lets them.
 *
 * <p>Use it wherever a {@code HttpClient} is wanted. What the mesh had to do with a response is told by {@link MeshHttpResponse}.
 *
 * <p><b>Failures.</b> On a meshed route, what goes wrong before a response arrives is a response, with the status and the text that Envoy answers: 503
 * {@code no healthy upstream}, 504 {@code upstream request timeout}. {@link HttpRequest#timeout()} and destinations outside of the mesh fail with the
 * exceptions of the JDK's client. Where the mesh refuses, or its configuration is late, the exception is a {@link io.inmesh.MeshException}.
 *
 * <p><b>Threads.</b> {@link #send} runs handlers and subscribers on the calling thread; only {@link HttpResponse.BodySubscriber#getBody} of a
 * subscriber that may wait there for its body, with the functions of {@link HttpResponse.BodySubscribers#mapping}, may run where those of
 * {@code sendAsync} do. {@link #sendAsync} runs them, and completes its futures, on the
 * builder's executor, or on a bounded pool of the client's own; never on an event loop, and never on the common pool. Publishers of request bodies
 * run there, too. Cancelling a future resets its stream; interrupting a thread within {@code send} does likewise.
 *
 * <p><b>Not here.</b> WebSockets ({@link #newWebSocketBuilder} throws {@link UnsupportedOperationException}); proxies (the builder refuses a
 * {@link ProxySelector} other than {@link HttpClient.Builder#NO_PROXY}, and the JVM's default selector is not asked); push promises (the client tells
 * servers not to push, so a {@link PushPromiseHandler} is never called); the upgrade from HTTP/1.1 to HTTP/2 without TLS, which RFC 9113 has dropped.
 *
 * <p>The methods {@link #shutdown}, {@link #awaitTermination}, {@link #isTerminated}, {@link #shutdownNow} and {@link #close} are those of Java 21's
 * {@code HttpClient}, on every Java from 17. The mesh is not closed with the client. Thread-safe.
 */
public final class MeshHttpClient extends HttpClient implements AutoCloseable {
    private final Engine engine;

    MeshHttpClient(Mesh mesh, ClientSettings settings) {
        MeshTls given = settings.meshTls();
        MeshTls meshTls = given == null ? MeshTls.create(mesh.secrets(), TlsOptions.DEFAULT) : given;
        NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT
                .withMeshTls(meshTls)
                .withTls(settings.sslContext(), settings.sslParameters())
                .withConnectTimeout(settings.connectTimeout())
                .withLoops(settings.eventLoops()));
        Operations operations = new Operations(transport::shutdown);
        mesh.upstreamClusters().addListener(transport);
        transport.closed().whenComplete((ignored, failure) -> {
            mesh.upstreamClusters().removeListener(transport);
            if (given == null) {
                meshTls.close();
            }
            operations.terminated();
        });
        this.engine = new Engine(
                settings,
                mesh,
                transport,
                new ClientThreads(settings.executor()),
                operations,
                new CredentialCache(),
                new CredentialCache());
    }

    /** A client with default settings: see {@link #newBuilder(Mesh)}. */
    public static MeshHttpClient create(Mesh mesh) {
        return newBuilder(mesh).build();
    }

    /** Starts to describe a client of a mesh. */
    public static MeshHttpClientBuilder newBuilder(Mesh mesh) {
        return new MeshHttpClientBuilder(mesh);
    }

    /**
     * {@inheritDoc}
     *
     * @throws io.inmesh.MeshException if the mesh refuses the destination, or its configuration did not come in time
     */
    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> responseBodyHandler)
            throws IOException, InterruptedException {
        Objects.requireNonNull(responseBodyHandler);
        RequestHeads.check(request);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Sequence sequence = Sequence.onCaller(engine.threads());
        BlockingCompletion<T> completion = new BlockingCompletion<>(sequence);
        Exchange<T> exchange = new Exchange<>(engine, responseBodyHandler, sequence, completion);
        exchange.start(request);
        try {
            return completion.await();
        } catch (InterruptedException interrupted) {
            exchange.abandon(new CancellationException("the sending thread was interrupted"));
            throw interrupted;
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> responseBodyHandler) {
        Objects.requireNonNull(responseBodyHandler);
        RequestHeads.check(request);
        AsyncExchange<T> started = new AsyncExchange<>(engine, responseBodyHandler);
        return started.start(request);
    }

    /** {@inheritDoc} The client allows no pushes, so {@code pushPromiseHandler} is never called. */
    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> responseBodyHandler, PushPromiseHandler<T> pushPromiseHandler) {
        return sendAsync(request, responseBodyHandler);
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.ofNullable(engine.settings().cookies());
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return Optional.ofNullable(engine.settings().connectTimeout());
    }

    @Override
    public Redirect followRedirects() {
        return engine.settings().redirects();
    }

    /** Always empty: there are no proxies between this client and a mesh. */
    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.empty();
    }

    @Override
    public SSLContext sslContext() {
        SSLContext context = engine.settings().sslContext();
        try {
            return context == null ? SSLContext.getDefault() : context;
        } catch (NoSuchAlgorithmException broken) {
            throw new IllegalStateException("the JVM has no default SSLContext", broken);
        }
    }

    @Override
    public SSLParameters sslParameters() {
        SSLParameters parameters = engine.settings().sslParameters();
        return parameters == null ? sslContext().getDefaultSSLParameters() : SslParameterCopy.of(parameters);
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.ofNullable(engine.settings().authenticator());
    }

    @Override
    public Version version() {
        return engine.settings().version();
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.ofNullable(engine.settings().executor());
    }

    /** @throws UnsupportedOperationException always: there are no WebSockets in the mesh yet, and one past it would not be told apart */
    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        throw new UnsupportedOperationException(
                "MeshHttpClient has no WebSockets; for one outside of the mesh use HttpClient.newHttpClient()");
    }

    /** Takes no further requests; those under way finish. Returns at once. */
    public void shutdown() {
        engine.operations().shutdown();
    }

    /**
     * Waits until, after a shutdown, everything is over.
     *
     * @return false if it is not within the duration
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitTermination(Duration duration) throws InterruptedException {
        return engine.operations().awaitTermination(duration);
    }

    /** Whether, after a shutdown, everything is over. */
    public boolean isTerminated() {
        return engine.operations().isTerminated();
    }

    /** Takes no further requests, and gives those under way up: they fail with an {@link IOException}. Returns at once. */
    public void shutdownNow() {
        engine.operations().shutdown();
        engine.operations().cancelAll(new IOException("the client was shut down"));
        engine.transport().close();
    }

    /**
     * Takes no further requests and waits until those under way are over. If the thread is interrupted meanwhile they are given up; the thread is interrupted
     * again afterwards.
     */
    @Override
    public void close() {
        boolean interrupted = false;
        shutdown();
        while (!isTerminated()) {
            try {
                awaitTermination(Duration.ofDays(1));
            } catch (InterruptedException e) {
                interrupted = true;
                shutdownNow();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
