package io.inmesh.xds;

import static io.inmesh.xds.testing.Resources.cluster;
import static io.inmesh.xds.testing.Resources.endpoints;
import static io.inmesh.xds.testing.Resources.listener;
import static io.inmesh.xds.testing.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.inmesh.model.RouteTable;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsTransport;
import io.inmesh.xds.testing.ScriptedAdsServer;
import io.inmesh.xds.testing.ScriptedStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * State of the world as istiod speaks it: a response with route tables or endpoints has those that are new or have changed, and says nothing of the others that were asked for. Only of listeners and clusters
 * everything is in every response.
 */
class PartialPushTest {
    private volatile MeshSnapshot snapshot = MeshSnapshot.EMPTY;

    @Test
    void response_withoutSomeOfTheNames_keepsThem() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start();
                XdsSource source = XdsSource.builder()
                        .server(XdsServer.plaintext(server.target()).withTransport(XdsTransport.STATE_OF_THE_WORLD))
                        .node("sidecar~127.0.0.9~web-1.default~default.svc.cluster.local", "web")
                        .dialect(XdsDialect.istio())
                        .build()) {
            source.start(newest -> snapshot = newest);
            ScriptedStream stream = server.awaitStream();
            stream.respond(ResourceKind.CLUSTER, "c1", cluster("a"), cluster("b"));
            stream.respond(
                    ResourceKind.LISTENER, "l1", listener("0.0.0.0_80", 80, "80"), listener("0.0.0.0_81", 81, "81"));
            awaitNames(stream, ResourceKind.ENDPOINTS, List.of("a", "b"));
            awaitNames(stream, ResourceKind.ROUTE_TABLE, List.of("80", "81"));
            stream.respond(ResourceKind.ENDPOINTS, "e1", endpoints("a", 1), endpoints("b", 1));
            stream.respond(ResourceKind.ROUTE_TABLE, "r1", routes("80", "a", "one"), routes("81", "b", "one"));
            await().untilAsserted(() -> {
                assertThat(hosts("a")).isEqualTo(1);
                assertThat(hosts("b")).isEqualTo(1);
                assertThat(domains("80")).containsExactly("one");
                assertThat(domains("81")).containsExactly("one");
            });

            // One has changed.
            stream.respond(ResourceKind.ENDPOINTS, "e2", endpoints("b", 1, 2));
            stream.respond(ResourceKind.ROUTE_TABLE, "r2", routes("81", "b", "two"));
            await().untilAsserted(() -> {
                assertThat(hosts("b")).isEqualTo(2);
                assertThat(domains("81")).containsExactly("two");
            });
            assertThat(hosts("a")).isEqualTo(1);
            assertThat(domains("80")).containsExactly("one");

            // One is new: the answer to a request with all names has that one only.
            stream.respond(ResourceKind.CLUSTER, "c2", cluster("a"), cluster("b"), cluster("c"));
            awaitNames(stream, ResourceKind.ENDPOINTS, List.of("a", "b", "c"));
            stream.respond(ResourceKind.ENDPOINTS, "e3", endpoints("c", 1, 2, 3));
            await().untilAsserted(() -> assertThat(hosts("c")).isEqualTo(3));
            assertThat(hosts("a")).isEqualTo(1);
            assertThat(hosts("b")).isEqualTo(2);
            assertThat(snapshot.absent()).isEmpty();

            // What is gone goes with its cluster and its listener.
            stream.respond(ResourceKind.CLUSTER, "c3", cluster("b"), cluster("c"));
            stream.respond(ResourceKind.LISTENER, "l2", listener("0.0.0.0_81", 81, "81"));
            await().untilAsserted(() -> {
                assertThat(snapshot.clusters()).containsOnlyKeys("b", "c");
                assertThat(snapshot.routeTables()).containsOnlyKeys("81");
            });
            assertThat(hosts("b")).isEqualTo(2);
            assertThat(domains("81")).containsExactly("two");
        }
    }

    private static void awaitNames(ScriptedStream stream, ResourceKind kind, List<String> names) {
        DiscoveryRequest request = stream.awaitRequest(kind);
        while (request.getResourceNamesCount() != names.size()) {
            request = stream.awaitRequest(kind);
        }
        assertThat(request.getResourceNamesList()).containsExactlyInAnyOrderElementsOf(names);
    }

    private int hosts(String cluster) {
        return snapshot.clusters().get(cluster) instanceof ClusterState.Ready ready
                ? ready.assignment().localities().stream()
                        .mapToInt(locality -> locality.endpoints().size())
                        .sum()
                : -1;
    }

    private @Nullable List<String> domains(String table) {
        RouteTable found = snapshot.routeTables().get(table);
        return found == null ? null : found.virtualHosts().get(0).domains();
    }
}
