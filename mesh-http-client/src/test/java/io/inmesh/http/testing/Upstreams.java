package io.inmesh.http.testing;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.TransportSocket;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One cluster named {@code c}, whose configuration and endpoints a test changes. */
public final class Upstreams {
    private final UpstreamClusters registry = new UpstreamClusters(new Random(1));
    private Cluster cluster;
    private Endpoint[] endpoints;
    private long generation;

    private Upstreams(Cluster cluster, Endpoint... endpoints) {
        this.cluster = cluster;
        this.endpoints = endpoints;
        publish();
    }

    /** A cluster with Envoy's defaults and one host at 127.0.0.1. */
    public static Upstreams of(int port, HttpVersion version) {
        Cluster cluster = new Cluster(
                "c",
                new Cluster.Discovery.Static(),
                Balancing.DEFAULT,
                Cluster.DEFAULT_CONNECT_TIMEOUT,
                Thresholds.DEFAULT,
                Thresholds.DEFAULT,
                options(version),
                Cluster.DEFAULT_BUFFER_LIMIT,
                Map.of(),
                null);
        return new Upstreams(cluster, Endpoint.of("127.0.0.1", port));
    }

    /** The default options for a version. */
    public static HttpOptions options(HttpVersion version) {
        HttpOptions defaults = HttpOptions.DEFAULT;
        return new HttpOptions(
                version,
                defaults.idleTimeout(),
                defaults.maxConnectionDuration(),
                defaults.maxRequestsPerConnection(),
                defaults.maxConcurrentStreams(),
                defaults.maxResponseHeadersKb());
    }

    /** With other protocol options. */
    public Upstreams with(HttpOptions options) {
        cluster = new Cluster(
                cluster.name(),
                cluster.discovery(),
                cluster.balancing(),
                cluster.connectTimeout(),
                cluster.defaultThresholds(),
                cluster.highThresholds(),
                options,
                cluster.bufferLimit(),
                cluster.metadata(),
                cluster.unusable());
        publish();
        return this;
    }

    /** With other limits for requests of default priority. */
    public Upstreams with(Thresholds thresholds) {
        cluster = new Cluster(
                cluster.name(),
                cluster.discovery(),
                cluster.balancing(),
                cluster.connectTimeout(),
                thresholds,
                cluster.highThresholds(),
                cluster.http(),
                cluster.bufferLimit(),
                cluster.metadata(),
                cluster.unusable());
        publish();
        return this;
    }

    /** With another connect timeout. */
    public Upstreams withConnectTimeout(Duration timeout) {
        cluster = new Cluster(
                cluster.name(),
                cluster.discovery(),
                cluster.balancing(),
                timeout,
                cluster.defaultThresholds(),
                cluster.highThresholds(),
                cluster.http(),
                cluster.bufferLimit(),
                cluster.metadata(),
                cluster.unusable());
        publish();
        return this;
    }

    /** With other transport sockets. */
    public Upstreams with(TransportSocket transport, TransportSocket.Match... matches) {
        cluster = cluster.with(transport, List.of(matches));
        publish();
        return this;
    }

    /** With other endpoints. */
    public Upstreams with(Endpoint... newEndpoints) {
        endpoints = newEndpoints;
        publish();
        return this;
    }

    public UpstreamClusters registry() {
        return registry;
    }

    public UpstreamCluster cluster() {
        return registry.get("c");
    }

    /** The first host, for a request of default priority. */
    public UpstreamTarget target() {
        return target(cluster().hosts().get(0), null);
    }

    /** A host, for a request of default priority that asks for TLS of its own. */
    public UpstreamTarget target(Host host, @Nullable RequestTls tls) {
        return new UpstreamTarget.ToHost(cluster(), host, false, HttpVersion.HTTP_1, tls);
    }

    private void publish() {
        generation++;
        registry.apply(new MeshSnapshot(
                generation,
                Map.of(),
                Map.of(),
                Map.of("c", new ClusterState.Ready(cluster, Assignment.of("c", endpoints))),
                Map.of()));
    }
}
