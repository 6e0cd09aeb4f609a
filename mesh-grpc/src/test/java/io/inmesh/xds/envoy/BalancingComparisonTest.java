package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickContext;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.model.Assignment;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.DecodedCluster;
import io.inmesh.xds.decode.ResourceDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same random clusters in Envoy and in the engine: each host must get the same share of the requests, within seven standard deviations: Envoy's own draws are different in each run, and there are
 * hundreds of shares to compare.
 *
 * <p>{@code -Denvoy.clusters=200} compares more than the default of 24, and {@code -Denvoy.seed=...} compares others.
 */
class BalancingComparisonTest {
    private static final Logger log = LoggerFactory.getLogger(BalancingComparisonTest.class);
    private static final int HOSTS = 12;
    private static final int REQUESTS = 3_000;
    private static final int PICKS = 150_000;
    private static final String LISTENER = "front";

    @Test
    void randomClusters_inEnvoyAndInTheEngine_shareTheLoadAlike() throws IOException {
        Path binary = EnvoyProcess.binaryOrSkip();
        int number = Integer.getInteger("envoy.clusters", 24);
        long seed = Long.getLong("envoy.seed", 1);
        log.info("comparing {} clusters with Envoy, -Denvoy.seed={}", number, seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<String> differences = new ArrayList<>();
        int spread = 0;
        try (HostNames hosts = new HostNames(HOSTS)) {
            RandomClusters clusters = new RandomClusters(random, hosts);
            List<Cluster> all = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                all.add(clusters.cluster("c" + i));
            }
            try (EnvoyProcess envoy = EnvoyProcess.start(binary, bootstrap(all))) {
                int port = Objects.requireNonNull(envoy.listenerPorts().get(LISTENER));
                for (Cluster cluster : all) {
                    int[] theirs = FrontDoor.answers(port, cluster.getName(), HOSTS, REQUESTS);
                    int[] ours = picks(cluster, hosts, random);
                    spread += Arrays.stream(theirs).filter(count -> count > 0).count() > 1 ? 1 : 0;
                    if (differ(theirs, ours)) {
                        differences.add("\n  Envoy " + Arrays.toString(theirs) + "\n  engine " + Arrays.toString(ours)
                                + "\n" + cluster);
                    }
                }
            }
        }

        assertThat(differences).as("seed %d", seed).isEmpty();
        assertThat(spread).as("clusters that used more than one host").isGreaterThan(number / 2);
    }

    /** By host, and at last those that no host could answer. */
    private static int[] picks(Cluster cluster, HostNames hosts, SplittableRandom random) {
        Decoded<DecodedCluster> decoded = ResourceDecoder.cluster(cluster.getName(), Any.pack(cluster));
        if (!(decoded instanceof Decoded.Accepted<DecodedCluster> accepted)) {
            throw new AssertionError("Envoy accepts what the decoder does not: " + decoded + "\n" + cluster);
        }
        Assignment endpoints = Objects.requireNonNull(accepted.value().endpoints());
        UpstreamClusters clusters = new UpstreamClusters(random.split());
        clusters.apply(new MeshSnapshot(
                1,
                Map.of(),
                Map.of(),
                Map.of(
                        cluster.getName(),
                        new ClusterState.Ready(accepted.value().cluster(), endpoints)),
                Map.of()));
        UpstreamCluster living = clusters.get(cluster.getName());
        SplittableRandom chance = random.split();
        PickContext context = () -> chance;
        int[] counts = new int[HOSTS + 1];
        for (int i = 0; i < PICKS; i++) {
            @Nullable Host host = living.pick(context);
            counts[host == null ? HOSTS : hosts.number(host.port())]++;
        }
        return counts;
    }

    /** Neither is known exactly: both samples have their spread. */
    private static boolean differ(int[] theirs, int[] ours) {
        for (int i = 0; i < ours.length; i++) {
            double share = (double) (theirs[i] + ours[i]) / (REQUESTS + PICKS);
            double sigma = Math.sqrt(share * (1 - share) * (1.0 / REQUESTS + 1.0 / PICKS));
            // Round robin is no draw: it may be off by one request where a draw would hardly spread at all.
            double slack = 2.0 / REQUESTS;
            if (Math.abs((double) theirs[i] / REQUESTS - (double) ours[i] / PICKS) > 7 * sigma + slack) {
                return true;
            }
        }
        return false;
    }

    private static Bootstrap bootstrap(List<Cluster> clusters) {
        RouteConfiguration routes = RouteConfiguration.newBuilder()
                .setName("by-header")
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName("all")
                        .addDomains("*")
                        .addRoutes(Route.newBuilder()
                                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                .setRoute(RouteAction.newBuilder().setClusterHeader(FrontDoor.CLUSTER_HEADER))))
                .build();
        HttpConnectionManager http = HttpConnectionManager.newBuilder()
                .setStatPrefix(LISTENER)
                .setCodecType(CodecType.HTTP1)
                .setRouteConfig(routes)
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap
                .getStaticResourcesBuilder()
                .addAllClusters(clusters)
                .addListeners(Listener.newBuilder()
                        .setName(LISTENER)
                        .setAddress(EnvoyProcess.loopback(0))
                        .addFilterChains(FilterChain.newBuilder()
                                .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http)))));
        return bootstrap.build();
    }
}
