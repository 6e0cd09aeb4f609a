package io.inmesh.xds.protocol;

import java.time.Duration;

/**
 * The waiting times of a session. The defaults are Envoy's, or gRPC's where Envoy has none.
 *
 * @param resourceTimeout after which a resource without an answer counts as missing: {@code ConfigSource.initial_fetch_timeout}, 15 s; zero
 *                        waits for ever
 * @param connectTimeout  for a connection to come up, until the server's HTTP/2 settings have arrived
 * @param backoffBase     first interval of the jittered exponential back-off between streams: Envoy's {@code grpc_services} take 500 ms
 * @param backoffMax      longest interval; Envoy's 30 s
 * @param keepAlive       time without a byte after which the server is pinged; servers with the usual policy of go-control-plane close connections
 *                        that ping more often than every 15 s
 * @param keepAliveTimeout for the answer to a ping
 */
public record AdsSettings(
        Duration resourceTimeout,
        Duration connectTimeout,
        Duration backoffBase,
        Duration backoffMax,
        Duration keepAlive,
        Duration keepAliveTimeout) {

    /** The largest response that is taken. */
    public static final int MAX_MESSAGE_BYTES = 64 << 20;

    /** 15 s for a resource, 20 s for a connection, back-off from 500 ms to 30 s, keepalive 20 s and 10 s. */
    public static final AdsSettings DEFAULT = new AdsSettings(
            Duration.ofSeconds(15),
            Duration.ofSeconds(20),
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10));
}
