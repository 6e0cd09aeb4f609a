package io.inmesh.xds.graph;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.Subscriptions;
import io.inmesh.xds.testing.ManualLoop;
import io.inmesh.xds.testing.Resources;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A graph with everything around it in the hands of a test. */
final class GraphHarness {
    static final Set<ResourceKind> WILDCARDS = EnumSet.of(ResourceKind.LISTENER, ResourceKind.CLUSTER);

    final ManualLoop loop = new ManualLoop();
    final List<MeshSnapshot> published = new ArrayList<>();
    final Set<String> subscribed = new TreeSet<>();
    final Map<String, List<String>> dns = new HashMap<>();
    final ResourceGraph graph;
    /** What the resolver does not answer until a test does. */
    final Map<String, CompletableFuture<HostResolver.Resolution>> hanging = new HashMap<>();

    int dnsQuestions;

    GraphHarness(Set<ResourceKind> wildcards) {
        Subscriptions subscriptions = new Subscriptions() {
            @Override
            public void subscribe(ResourceKind kind, String name) {
                subscribed.add(kind + " " + name);
            }

            @Override
            public void unsubscribe(ResourceKind kind, String name) {
                subscribed.remove(kind + " " + name);
            }

            @Override
            public void wildcard(ResourceKind kind) {
                subscribed.add(kind + " *");
            }
        };
        graph = new ResourceGraph(subscriptions, loop, this::resolve, wildcards, published::add);
    }

    static GraphHarness started(Set<ResourceKind> wildcards) {
        GraphHarness harness = new GraphHarness(wildcards);
        harness.graph.start();
        return harness;
    }

    private CompletableFuture<HostResolver.Resolution> resolve(String host) {
        dnsQuestions++;
        if (hanging.containsKey(host)) {
            return hanging.get(host);
        }
        List<String> addresses = dns.get(host);
        return addresses == null
                ? CompletableFuture.failedFuture(new UnknownHostException(host))
                : CompletableFuture.completedFuture(resolution(addresses));
    }

    static HostResolver.Resolution resolution(List<String> addresses) {
        List<InetAddress> parsed = new ArrayList<>();
        for (String address : addresses) {
            try {
                parsed.add(InetAddress.getByName(address));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return new HostResolver.Resolution(parsed, Duration.ZERO);
    }

    Verdict receive(ResourceKind kind, Message... resources) {
        List<RawResource> raw = Arrays.stream(resources)
                .map(each -> new RawResource(kind, Resources.nameOf(each), "1", Any.pack(each)))
                .toList();
        return graph.onResponse(kind, raw, List.of());
    }

    void remove(ResourceKind kind, String name) {
        graph.onResponse(kind, List.of(), List.of(name));
    }

    MeshSnapshot last() {
        return published.get(published.size() - 1);
    }

    /** {@code address:port} of each endpoint of a cluster that serves; null if it does not. */
    @Nullable
    List<String> endpoints(String cluster) {
        return last().clusters().get(cluster) instanceof ClusterState.Ready ready
                ? ready.assignment().localities().stream()
                        .flatMap(locality -> locality.endpoints().stream())
                        .map(endpoint -> endpoint.address() + ":" + endpoint.port())
                        .toList()
                : null;
    }
}
