package io.inmesh.benchmarks;

import io.inmesh.model.Assignment;
import io.inmesh.model.CidrRange;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterChainMatch.SourceType;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.Listener;
import io.inmesh.model.Listener.TcpChain;
import io.inmesh.model.RouteTable;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What istiod says to a sidecar of a large mesh: each service has four names in its table of names, one in five is TCP and has a listener of its own address, and two
 * ports have ranges of addresses that are TCP.
 */
final class SampleSidecar {
    static final int TCP_PORT = 5432;
    static final int RANGED_PORT = 7000;
    private static final int RANGES = 20;
    private static final String PASSTHROUGH = "PassthroughCluster";

    private final Map<String, Listener> listeners = new HashMap<>();
    private final Map<String, ClusterState> clusters = new HashMap<>();
    private final Map<String, List<String>> names = new HashMap<>();

    private SampleSidecar(int services) {
        cluster(PASSTHROUGH, new Discovery.OriginalDestination());
        TcpChain rest = new TcpChain(FilterChainMatch.ANY, true, List.of(PASSTHROUGH));
        listener("0.0.0.0", 80, "80", false, List.of(rest));
        listener("0.0.0.0", RANGED_PORT, null, false, ranges(RANGED_PORT, rest));
        listener("0.0.0.0", RANGED_PORT + 1, "7001", false, ranges(RANGED_PORT + 1, rest));
        listener(
                "0.0.0.0", 15001, null, true, List.of(new TcpChain(FilterChainMatch.ANY, false, List.of(PASSTHROUGH))));
        for (int i = 0; i < services; i++) {
            String address = "10." + (100 + (i >> 16)) + "." + (i >> 8 & 255) + "." + (i & 255);
            String host = "svc-" + i + ".shop.svc.cluster.local";
            for (String name : List.of(host, "svc-" + i + ".shop.svc", "svc-" + i + ".shop", "svc-" + i)) {
                names.put(name, List.of(address));
            }
            boolean tcp = i % 5 == 0;
            String cluster = "outbound|" + (tcp ? TCP_PORT : 80) + "||" + host;
            cluster(cluster, new Discovery.Eds(cluster));
            if (tcp) {
                TcpChain chain = new TcpChain(FilterChainMatch.ANY, false, List.of(cluster));
                listener(address, TCP_PORT, null, false, List.of(chain));
            }
        }
    }

    /** A snapshot with so many services. */
    static MeshSnapshot snapshot(int services) {
        SampleSidecar sample = new SampleSidecar(services);
        Map<String, RouteTable> tables = Map.of("80", RouteTable.of("80"), "7001", RouteTable.of("7001"));
        return new MeshSnapshot(
                1, sample.listeners, Map.of(), tables, sample.clusters, Map.of(), sample.names, Map.of());
    }

    private List<TcpChain> ranges(int port, TcpChain rest) {
        List<TcpChain> chains = new ArrayList<>();
        for (int i = 0; i < RANGES; i++) {
            String cluster = "outbound|" + port + "||range-" + i + ".example.com";
            cluster(cluster, new Discovery.Eds(cluster));
            List<CidrRange> range = List.of(Objects.requireNonNull(CidrRange.of("172.16." + i + ".0", 24)));
            FilterChainMatch match = new FilterChainMatch(
                    0, range, List.of(), "", List.of(), List.of(), SourceType.ANY, List.of(), List.of());
            chains.add(new TcpChain(match, false, List.of(cluster)));
        }
        chains.add(rest);
        return List.copyOf(chains);
    }

    private void cluster(String name, Discovery discovery) {
        clusters.put(name, new ClusterState.Ready(Cluster.of(name, discovery), Assignment.empty(name)));
    }

    private void listener(
            String address, int port, @Nullable String routes, boolean originalDestination, List<TcpChain> tcp) {
        HttpConnectionManager http =
                routes == null ? null : new HttpConnectionManager("s", routes, List.of(), null, null);
        String name = originalDestination ? "virtualOutbound" : address + "_" + port;
        listeners.put(
                name,
                new Listener(
                        name,
                        address,
                        port,
                        http,
                        http == null ? null : FilterChainMatch.ANY,
                        tcp,
                        originalDestination,
                        true,
                        true,
                        List.of(),
                        http == null ? "TCP only" : null));
    }
}
