package io.inmesh.http.wire;

import io.inmesh.transport.MeshTls;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link NettyTransport} is made of. What concerns hosts of clusters comes from the cluster; the rest of this is for destinations outside the
 * mesh.
 *
 * @param loops                     event loops, each with connections of its own; 0 = half the processors, at least 1 and at most 4
 * @param sslContext                the application's TLS for {@code https}; null = the JVM's default
 * @param sslParameters             the application's TLS parameters; null = the context's defaults. Host names are verified in any case
 * @param passthroughConnectTimeout for resolution, connection and TLS together; null = as long as the system tries
 * @param passthroughIdleTimeout    after which a connection without requests is closed
 * @param maxHeaderBytes            of a response's head
 * @param resolver                  finds addresses, of hosts that requests name too
 * @param meshTls                   the TLS of hosts of clusters; null = connections to hosts that ask for TLS fail
 * @param secretTimeout             how long a connection waits at most for secrets that have not come yet, before it fails
 */
public record WireOptions(
        int loops,
        @Nullable SSLContext sslContext,
        @Nullable SSLParameters sslParameters,
        @Nullable Duration passthroughConnectTimeout,
        Duration passthroughIdleTimeout,
        int maxHeaderBytes,
        AddressResolver resolver,
        @Nullable MeshTls meshTls,
        Duration secretTimeout) {

    /** The JVM's TLS and resolver, no connect timeout, connections kept for 30 s and heads of up to 384 KiB, as the JDK's client has it. */
    public static final WireOptions DEFAULT = new WireOptions(
            0, null, null, null, Duration.ofSeconds(30), 384 * 1024, AddressResolver.JVM, null, Duration.ofSeconds(20));

    public WireOptions {
        if (loops < 0) {
            throw new IllegalArgumentException("a number of loops below 0: " + loops);
        }
    }

    /** These options with another number of loops. */
    public WireOptions withLoops(int newLoops) {
        return new WireOptions(
                newLoops,
                sslContext,
                sslParameters,
                passthroughConnectTimeout,
                passthroughIdleTimeout,
                maxHeaderBytes,
                resolver,
                meshTls,
                secretTimeout);
    }

    /** These options with other TLS. */
    public WireOptions withTls(@Nullable SSLContext newContext, @Nullable SSLParameters newParameters) {
        return new WireOptions(
                loops,
                newContext,
                newParameters,
                passthroughConnectTimeout,
                passthroughIdleTimeout,
                maxHeaderBytes,
                resolver,
                meshTls,
                secretTimeout);
    }

    /** These options with another connect timeout; null = none of our own. */
    public WireOptions withConnectTimeout(@Nullable Duration newTimeout) {
        return new WireOptions(
                loops,
                sslContext,
                sslParameters,
                newTimeout,
                passthroughIdleTimeout,
                maxHeaderBytes,
                resolver,
                meshTls,
                secretTimeout);
    }

    /** These options with another resolver. */
    public WireOptions withResolver(AddressResolver newResolver) {
        return new WireOptions(
                loops,
                sslContext,
                sslParameters,
                passthroughConnectTimeout,
                passthroughIdleTimeout,
                maxHeaderBytes,
                newResolver,
                meshTls,
                secretTimeout);
    }

    /** These options with the TLS of hosts. */
    public WireOptions withMeshTls(MeshTls newMeshTls) {
        return new WireOptions(
                loops,
                sslContext,
                sslParameters,
                passthroughConnectTimeout,
                passthroughIdleTimeout,
                maxHeaderBytes,
                resolver,
                newMeshTls,
                secretTimeout);
    }

    /** These options with another limit for secrets. */
    public WireOptions withSecretTimeout(Duration newTimeout) {
        return new WireOptions(
                loops,
                sslContext,
                sslParameters,
                passthroughConnectTimeout,
                passthroughIdleTimeout,
                maxHeaderBytes,
                resolver,
                meshTls,
                newTimeout);
    }
}
