package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.Cluster;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.decode.Recordings;
import io.inmesh.xds.files.ResourceFiles;
import io.inmesh.xds.files.YamlMessages;
import io.inmesh.xds.graph.HostResolver;
import io.inmesh.xds.graph.ResourceGraph;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.Subscriptions;
import io.inmesh.xds.testing.ManualLoop;
import io.inmesh.xds.testing.Resources;
import java.io.InputStream;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A snapshot under Kuma's dialect, and where it sends requests. */
final class KumaMesh {
    static final int DRAWS = 10_000;
    private static final String SECRET = ResourceKind.SECRET + " ";
    private static final HostResolver NO_DNS = host -> CompletableFuture.failedFuture(new UnknownHostException(host));

    final MeshSnapshot snapshot;
    final Set<String> subscribed;

    KumaMesh(MeshSnapshot snapshot, Set<String> subscribed) {
        this.snapshot = snapshot;
        this.subscribed = subscribed;
    }

    /** What a recorded node of Kuma 2 got. */
    static KumaMesh recorded(String node) {
        return recordedOf("kuma-2.14.3/" + node);
    }

    /** What a recorded node got. */
    static KumaMesh recordedOf(String folder) {
        return of(Recordings.all().stream()
                .filter(each -> each.file().startsWith(folder + "/"))
                .map(each -> new RawResource(each.kind(), each.name(), "1", each.body()))
                .toList());
    }

    /** The resources of a file in {@code /kuma}. */
    static KumaMesh ofFile(String file) throws Exception {
        Path path = Path.of(Objects.requireNonNull(KumaMesh.class.getResource("/kuma/" + file))
                .toURI());
        return of(ResourceFiles.read(path).stream()
                .map(each -> new RawResource(
                        Objects.requireNonNull(ResourceKind.ofTypeUrl(each.any().getTypeUrl())),
                        Resources.nameOf(each.message()),
                        "1",
                        each.any()))
                .toList());
    }

    /** What kuma-cp made of {@code shapes/kuma/rest.txt} for a client. */
    static KumaMesh ofShape(String file) throws Exception {
        String path = "/shapes/kuma/" + file;
        try (InputStream in = Objects.requireNonNull(KumaMesh.class.getResourceAsStream(path), path)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            DiscoveryResponse response = YamlMessages.read(file, text, DiscoveryResponse.newBuilder())
                    .build();
            List<RawResource> all = new ArrayList<>();
            for (Any body : response.getResourcesList()) {
                ResourceKind kind = Objects.requireNonNull(ResourceKind.ofTypeUrl(body.getTypeUrl()));
                all.add(new RawResource(kind, nameOf(kind, body), "1", body));
            }
            return of(all);
        }
    }

    private static String nameOf(ResourceKind kind, Any body) throws InvalidProtocolBufferException {
        return switch (kind) {
            case LISTENER -> body.unpack(Listener.class).getName();
            case CLUSTER ->
                body.unpack(io.envoyproxy.envoy.config.cluster.v3.Cluster.class).getName();
            case ENDPOINTS -> body.unpack(ClusterLoadAssignment.class).getClusterName();
            default -> throw new IllegalArgumentException(kind.toString());
        };
    }

    /** In the order in which kuma-cp sends: secrets last. Those that are left out never come. */
    private static KumaMesh of(List<RawResource> all) {
        List<MeshSnapshot> published = new ArrayList<>();
        Set<String> subscribed = new TreeSet<>();
        ResourceGraph graph = new ResourceGraph(
                new Book(subscribed),
                new ManualLoop(),
                NO_DNS,
                XdsDialect.kuma().wildcards(),
                published::add);
        graph.start();
        for (ResourceKind kind :
                List.of(ResourceKind.CLUSTER, ResourceKind.ENDPOINTS, ResourceKind.LISTENER, ResourceKind.SECRET)) {
            List<RawResource> resources =
                    all.stream().filter(each -> each.kind() == kind).toList();
            assertThat(graph.onResponse(kind, resources, List.of()).rejected())
                    .as(kind.toString())
                    .isEmpty();
        }
        List.copyOf(subscribed).stream()
                .filter(each -> each.startsWith(SECRET))
                .forEach(each -> graph.onMissing(
                        ResourceKind.SECRET, each.substring(SECRET.length()), "left out of the recording"));
        return new KumaMesh(published.get(published.size() - 1), subscribed);
    }

    Choice choose(String url) {
        String[] parts = url.split("://", 2);
        return XdsDialect.kuma().index(snapshot).choose(Destination.of(parts[0], parts[1]));
    }

    /** What there is at an address to which a name has led. */
    @Nullable
    Choice at(String url, String address) {
        String[] parts = url.split("://", 2);
        return XdsDialect.kuma()
                .index(snapshot)
                .at(Destination.of(parts[0], parts[1]), Objects.requireNonNull(IpAddress.parse(address)));
    }

    /** A request on its way. */
    Way ask(String url, String path, String... headers) {
        Choice choice = choose(url);
        assertThat(choice).as(url).isInstanceOf(Choice.Meshed.class);
        Choice.Meshed meshed = (Choice.Meshed) choice;
        CompiledRoutes routes = CompiledRoutes.of(
                Objects.requireNonNull(snapshot.routeTables().get(meshed.http().routeTable())));
        Headers fields = new Headers();
        for (int i = 0; i < headers.length; i += 2) {
            fields.add(headers[i], headers[i + 1]);
        }
        RequestHead head = new RequestHead("GET", "http", url.substring(url.indexOf("://") + 3), path, fields);
        CompiledRoute route = Objects.requireNonNull(routes.select(head, new StreamInfo(), 0));
        return new Way(meshed.listener().name(), route, head);
    }

    /** A request, its listener and its route. */
    record Way(String listener, CompiledRoute route, RequestHead head) {
        Forward forward() {
            return Objects.requireNonNull(route.forward());
        }

        /** How often each cluster is drawn out of {@link #DRAWS}. */
        Map<String, Integer> draws(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, Integer> draws = new TreeMap<>();
            for (int i = 0; i < DRAWS; i++) {
                draws.merge(route.chooseCluster(head, random.nextLong()).name(), 1, Integer::sum);
            }
            return draws;
        }

        /** The only cluster there is. */
        String cluster() {
            Map<String, Integer> draws = draws(1);
            assertThat(draws).hasSize(1);
            return draws.keySet().iterator().next();
        }

        /** The head as the cluster gets it. */
        RequestHead rewritten() {
            RequestHead copy = head.copy();
            ClusterTarget target = route.chooseCluster(copy, 1);
            route.rewriteRequest(copy, target, new StreamInfo(), true);
            return copy;
        }
    }

    Cluster cluster(String name) {
        return ready(name).cluster();
    }

    UpstreamTls tls(String cluster) {
        return ((TransportSocket.Tls) cluster(cluster).transport()).settings();
    }

    /** {@code priority address:port} of each endpoint. */
    List<String> endpoints(String cluster) {
        return ready(cluster).assignment().localities().stream()
                .flatMap(locality -> locality.endpoints().stream()
                        .map(each -> locality.priority() + " " + each.address() + ":" + each.port()))
                .sorted()
                .toList();
    }

    private ClusterState.Ready ready(String name) {
        ClusterState state = snapshot.clusters().get(name);
        assertThat(state).as(name).isInstanceOf(ClusterState.Ready.class);
        return (ClusterState.Ready) Objects.requireNonNull(state);
    }

    /** What is asked for. */
    private record Book(Set<String> names) implements Subscriptions {
        @Override
        public void subscribe(ResourceKind kind, String name) {
            names.add(kind + " " + name);
        }

        @Override
        public void unsubscribe(ResourceKind kind, String name) {
            names.remove(kind + " " + name);
        }

        @Override
        public void wildcard(ResourceKind kind) {
            names.add(kind + " *");
        }
    }
}
