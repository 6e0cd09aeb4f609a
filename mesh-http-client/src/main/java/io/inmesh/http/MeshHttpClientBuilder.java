package io.inmesh.http;

import io.inmesh.Mesh;
import io.inmesh.transport.MeshTls;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Describes a {@link MeshHttpClient}: every setting of {@link HttpClient.Builder}, and a few of the mesh. Not thread-safe. A builder may build more than
 * one client; each has its own connections and threads.
 */
public final class MeshHttpClientBuilder implements HttpClient.Builder {
    private final Mesh mesh;
    private Version version = Version.HTTP_2;
    private Redirect redirects = Redirect.NEVER;
    private @Nullable CookieHandler cookies;
    private @Nullable Authenticator authenticator;
    private @Nullable Executor executor;
    private @Nullable Duration connectTimeout;
    private @Nullable SSLContext sslContext;
    private @Nullable SSLParameters sslParameters;
    private long maxResponseBodyBytes = Long.MAX_VALUE;
    private int eventLoops;
    private @Nullable MeshTls meshTls;

    MeshHttpClientBuilder(Mesh mesh) {
        this.mesh = Objects.requireNonNull(mesh, "mesh");
    }

    @Override
    public MeshHttpClientBuilder cookieHandler(CookieHandler cookieHandler) {
        cookies = Objects.requireNonNull(cookieHandler);
        return this;
    }

    /**
     * {@inheritDoc} It holds for destinations outside of the mesh. Within it, the {@code connect_timeout} of the cluster holds, and its end is a
     * response 503 (or a retry), not an exception.
     */
    @Override
    public MeshHttpClientBuilder connectTimeout(Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("Invalid duration: " + duration);
        }
        connectTimeout = duration;
        return this;
    }

    /** {@inheritDoc} It is for {@code https://} requests, which are the application's own TLS; the mesh's TLS has nothing to do with it. */
    @Override
    public MeshHttpClientBuilder sslContext(SSLContext newSslContext) {
        sslContext = Objects.requireNonNull(newSslContext);
        return this;
    }

    @Override
    public MeshHttpClientBuilder sslParameters(SSLParameters newSslParameters) {
        sslParameters = SslParameterCopy.of(Objects.requireNonNull(newSslParameters));
        return this;
    }

    /**
     * {@inheritDoc} Without one, the client has a pool of its own: as many threads as there are processors, and more, up to 256, only while some of them wait.
     */
    @Override
    public MeshHttpClientBuilder executor(Executor newExecutor) {
        executor = Objects.requireNonNull(newExecutor);
        return this;
    }

    @Override
    public MeshHttpClientBuilder followRedirects(Redirect policy) {
        redirects = Objects.requireNonNull(policy);
        return this;
    }

    /**
     * {@inheritDoc} Within the mesh, the cluster's protocol options decide, and this only where they follow the caller. Outside of it, {@code HTTP_2} lets
     * TLS choose between both versions; without TLS it is HTTP/1.1 in any case.
     */
    @Override
    public MeshHttpClientBuilder version(Version newVersion) {
        version = Objects.requireNonNull(newVersion);
        return this;
    }

    /** {@inheritDoc} Checked and otherwise without effect: RFC 9113 5.3 has dropped the priorities of HTTP/2. */
    @Override
    public MeshHttpClientBuilder priority(int priority) {
        if (priority < 1 || priority > 256) {
            throw new IllegalArgumentException("priority must be between 1 and 256");
        }
        return this;
    }

    /**
     * Takes {@link HttpClient.Builder#NO_PROXY} only, which is what the client does anyway: a request that leaves through a proxy would leave the mesh.
     *
     * @throws UnsupportedOperationException for any other selector
     */
    @Override
    public MeshHttpClientBuilder proxy(ProxySelector proxySelector) {
        if (Objects.requireNonNull(proxySelector) != NO_PROXY) {
            throw new UnsupportedOperationException(
                    "MeshHttpClient goes through no proxy, since requests would leave the mesh there;"
                            + " use HttpClient.newBuilder().proxy(...) for what is to go through one");
        }
        return this;
    }

    @Override
    public MeshHttpClientBuilder authenticator(Authenticator newAuthenticator) {
        authenticator = Objects.requireNonNull(newAuthenticator);
        return this;
    }

    /**
     * The longest response body that is let through, in bytes; a longer one ends with an {@link java.io.IOException} and its stream is reset. No limit unless
     * said otherwise.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public MeshHttpClientBuilder maxResponseBodyBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("maxResponseBodyBytes is negative: " + bytes);
        }
        maxResponseBodyBytes = bytes;
        return this;
    }

    /**
     * The number of event loops: threads that do input and output and nothing else, each with connections of its own. Half the processors, at least 1 and at
     * most 4, unless said otherwise.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public MeshHttpClientBuilder eventLoops(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("eventLoops is less than 1: " + count);
        }
        eventLoops = count;
        return this;
    }

    /**
     * The TLS of connections to hosts of the mesh, for clients and servers that share one, or to say which files a control plane may name. It is not closed with
     * the client. Without it the client makes its own of {@link Mesh#secrets()}, with {@link io.inmesh.transport.TlsOptions#DEFAULT}.
     */
    public MeshHttpClientBuilder meshTls(MeshTls newMeshTls) {
        meshTls = Objects.requireNonNull(newMeshTls);
        return this;
    }

    @Override
    public MeshHttpClient build() {
        return new MeshHttpClient(
                mesh,
                new ClientSettings(
                        version,
                        redirects,
                        cookies,
                        authenticator,
                        executor,
                        connectTimeout,
                        sslContext,
                        sslParameters,
                        maxResponseBodyBytes,
                        eventLoops,
                        meshTls));
    }
}
