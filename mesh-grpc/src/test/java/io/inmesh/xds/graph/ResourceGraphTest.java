package io.inmesh.xds.graph;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.protocol.ResourceKind.LISTENER;
import static io.inmesh.xds.protocol.ResourceKind.ROUTE_TABLE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.testing.Resources;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResourceGraphTest {
    private final GraphHarness mesh = GraphHarness.started(GraphHarness.WILDCARDS);

    private void receiveUsualMesh() {
        mesh.receive(CLUSTER, Resources.cluster("orders"));
        mesh.receive(ENDPOINTS, Resources.endpoints("orders", 8080));
        mesh.receive(LISTENER, Resources.listener("web", 80, "routes"));
        mesh.receive(ROUTE_TABLE, Resources.routes("routes", "orders", "*"));
    }

    @Test
    void publish_firstSnapshot_waitsUntilNothingIsAwaited() {
        mesh.receive(LISTENER, Resources.listener("web", 80, "routes"));
        mesh.receive(CLUSTER, Resources.cluster("orders"));
        assertThat(mesh.subscribed).contains("ROUTE_TABLE routes", "ENDPOINTS orders");
        mesh.receive(ROUTE_TABLE, Resources.routes("routes", "orders", "*"));
        assertThat(mesh.published).isEmpty();

        mesh.receive(ENDPOINTS, Resources.endpoints("orders", 8080));

        assertThat(mesh.published).hasSize(1);
        assertThat(mesh.last().listeners()).containsKey("web");
        assertThat(mesh.last().routeTables()).containsKey("routes");
        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8080");
    }

    @Test
    void publish_wildcardsWithoutAnAnswer_countAsEmptyWhenTheTimeIsOver() {
        mesh.graph.onMissing(CLUSTER, "*", "no answer within 15 s");
        assertThat(mesh.published).isEmpty();

        mesh.graph.onMissing(LISTENER, "*", "no answer within 15 s");

        assertThat(mesh.last().listeners()).isEmpty();
        assertThat(mesh.last().generation()).isEqualTo(1);
    }

    @Test
    void publish_nothingNew_isNotRepeated() {
        receiveUsualMesh();
        MeshSnapshot before = mesh.last();

        receiveUsualMesh();

        assertThat(mesh.last()).isSameAs(before);
    }

    @Test
    void publish_oneEndpointListChanges_sharesEverythingElse() {
        receiveUsualMesh();
        MeshSnapshot before = mesh.last();

        mesh.receive(ENDPOINTS, Resources.endpoints("orders", 8080, 8081));

        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8080", "127.0.0.1:8081");
        assertThat(mesh.last().routeTables()).isSameAs(before.routeTables());
        assertThat(mesh.last().listeners()).isSameAs(before.listeners());
        assertThat(cluster(mesh.last())).isSameAs(cluster(before));
    }

    @Test
    void warming_newClusterVersionWithOtherService_keepsTheOldOneUntilItsEndpointsCome() {
        receiveUsualMesh();

        mesh.receive(CLUSTER, withService(Resources.cluster("orders"), "orders-v2"));

        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8080");
        assertThat(mesh.subscribed).contains("ENDPOINTS orders", "ENDPOINTS orders-v2");

        mesh.receive(ENDPOINTS, Resources.endpoints("orders", 8099));
        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8099");

        mesh.receive(ENDPOINTS, Resources.endpoints("orders-v2", 9090));
        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:9090");
        assertThat(mesh.subscribed).contains("ENDPOINTS orders-v2").doesNotContain("ENDPOINTS orders");
    }

    @Test
    void warming_newClusterVersionWithTheSameService_servesAtOnce() {
        receiveUsualMesh();

        mesh.receive(
                CLUSTER,
                Resources.cluster("orders").toBuilder()
                        .setConnectTimeout(Durations.fromSeconds(1))
                        .build());

        assertThat(cluster(mesh.last()).connectTimeout()).hasSeconds(1);
        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8080");
    }

    @Test
    void warming_endpointsDoNotCome_theClusterIsReadyWithNone() {
        mesh.receive(LISTENER);
        mesh.receive(CLUSTER, Resources.cluster("orders"));

        mesh.graph.onMissing(ENDPOINTS, "orders", "no answer within 15 s");

        assertThat(mesh.endpoints("orders")).isEmpty();
        assertThat(mesh.last().absent())
                .containsEntry(new ResourceName(ResourceName.Kind.ENDPOINTS, "orders"), "no answer within 15 s");
    }

    @Test
    void warming_newListenerVersionWithOtherTable_keepsTheOldOneUntilTheTableComes() {
        receiveUsualMesh();

        mesh.receive(LISTENER, Resources.listener("web", 80, "other"));
        assertThat(mesh.last().routeTables()).containsOnlyKeys("routes");

        mesh.receive(ROUTE_TABLE, Resources.routes("other", "orders", "*"));
        assertThat(mesh.last().routeTables()).containsOnlyKeys("other");
        assertThat(mesh.subscribed).doesNotContain("ROUTE_TABLE routes");
    }

    @Test
    void missing_routeTable_leavesTheListenerWithoutRoutes() {
        mesh.receive(CLUSTER);
        mesh.receive(LISTENER, Resources.listener("web", 80, "routes"));

        mesh.graph.onMissing(ROUTE_TABLE, "routes", "no answer within 15 s");

        assertThat(Objects.requireNonNull(mesh.last().routeTables().get("routes"))
                        .virtualHosts())
                .isEmpty();
        assertThat(mesh.last().absent()).containsKey(new ResourceName(ResourceName.Kind.ROUTE_TABLE, "routes"));
    }

    @Test
    void rejected_cluster_keepsItsLastGoodVersionAndBlocksNoOther() {
        receiveUsualMesh();

        var verdict = mesh.receive(
                CLUSTER,
                Cluster.newBuilder()
                        .setName("orders")
                        .setConnectTimeout(Durations.fromSeconds(-1))
                        .build(),
                Resources.cluster("stock"));
        mesh.receive(ENDPOINTS, Resources.endpoints("stock", 7070));

        assertThat(verdict.rejected()).containsOnlyKeys("orders");
        assertThat(verdict.rejected().get("orders")).isEqualTo("Cluster \"orders\": connect_timeout: must be above 0s");
        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8080");
        assertThat(mesh.endpoints("stock")).containsExactly("127.0.0.1:7070");
    }

    @Test
    void rejected_clusterWithoutGoodVersion_isFailedWithTheReason() {
        mesh.receive(LISTENER);
        mesh.receive(
                CLUSTER, Cluster.newBuilder().setName("orders").setTypeValue(3).build());

        assertThat(mesh.last().clusters().get("orders"))
                .isEqualTo(new ClusterState.Failed(
                        "Cluster \"orders\": eds_cluster_config.eds_config: is required of a cluster of type EDS"));
    }

    @Test
    void removed_listenerAndCluster_leaveTheSnapshotAndTheirSubscriptions() {
        receiveUsualMesh();

        mesh.remove(LISTENER, "web");
        mesh.remove(CLUSTER, "orders");

        assertThat(mesh.last().listeners()).isEmpty();
        assertThat(mesh.last().routeTables()).isEmpty();
        assertThat(mesh.last().clusters()).isEmpty();
        assertThat(mesh.subscribed).containsExactly("CLUSTER *", "LISTENER *");
    }

    @Test
    void removed_endpointsOfALivingCluster_stayAsInEnvoy() {
        receiveUsualMesh();

        mesh.remove(ENDPOINTS, "orders");

        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8080");
    }

    @Test
    void together_severalResponses_giveOneSnapshot() {
        mesh.graph.together(this::receiveUsualMesh);
        assertThat(mesh.published).hasSize(1);

        mesh.graph.together(() -> {
            mesh.receive(ENDPOINTS, Resources.endpoints("orders", 9090));
            mesh.receive(ROUTE_TABLE, Resources.routes("routes", "orders", "shop"));
        });

        assertThat(mesh.published).hasSize(2);
    }

    @Test
    void want_listenerByName_leadsToItsTableClustersAndEndpoints() {
        GraphHarness byName = GraphHarness.started(Set.of());
        assertThat(byName.last().listeners()).isEmpty();
        ResourceName name = new ResourceName(ResourceName.Kind.LISTENER, "orders.example");

        byName.graph.want(name);
        byName.receive(LISTENER, Resources.apiListener("orders.example", "routes"));
        byName.receive(ROUTE_TABLE, Resources.routes("routes", "orders", "*"));
        byName.receive(CLUSTER, Resources.cluster("orders"));
        assertThat(byName.last().listeners()).isEmpty();
        byName.receive(ENDPOINTS, Resources.endpoints("orders", 8080));

        assertThat(byName.last().listeners()).containsOnlyKeys("orders.example");
        assertThat(byName.endpoints("orders")).containsExactly("127.0.0.1:8080");

        byName.graph.release(name);
        assertThat(byName.subscribed).isEmpty();
        assertThat(byName.last().listeners()).isEmpty();
    }

    @Test
    void want_listenerThatDoesNotExist_isAbsentWithTheReason() {
        GraphHarness byName = GraphHarness.started(Set.of());
        ResourceName name = new ResourceName(ResourceName.Kind.LISTENER, "nobody");
        byName.graph.want(name);

        byName.graph.onMissing(LISTENER, "nobody", "no answer within 15 s");

        assertThat(byName.last().absent()).containsEntry(name, "no answer within 15 s");
    }

    @Test
    void want_routesChangeToAClusterThatIsNotThereYet_oldRoutesServeUntilItIs() {
        GraphHarness byName = GraphHarness.started(Set.of());
        byName.graph.want(new ResourceName(ResourceName.Kind.LISTENER, "web"));
        byName.receive(LISTENER, Resources.apiListener("web", "routes"));
        byName.receive(ROUTE_TABLE, Resources.routes("routes", "v1", "*"));
        byName.receive(CLUSTER, Resources.cluster("v1"));
        byName.receive(ENDPOINTS, Resources.endpoints("v1", 1));

        byName.receive(ROUTE_TABLE, Resources.routes("routes", "v2", "*"));
        assertThat(byName.last().clusters()).containsOnlyKeys("v1");

        byName.graph.onMissing(CLUSTER, "v2", "no answer within 15 s");

        assertThat(byName.last().clusters())
                .containsOnlyKeys("v2")
                .containsEntry("v2", new ClusterState.Failed("no answer within 15 s"));
    }

    @Test
    void static_resources_areNotChangedByAServer() {
        GraphHarness bootstrap = new GraphHarness(GraphHarness.WILDCARDS);
        Cluster own = Cluster.newBuilder().setName("own").build();
        bootstrap.graph.addStatic(CLUSTER, List.of(new RawResource(CLUSTER, "own", "", Any.pack(own))));
        bootstrap.graph.start();
        bootstrap.receive(LISTENER);

        bootstrap.receive(CLUSTER, Resources.cluster("own"));
        bootstrap.remove(CLUSTER, "own");

        assertThat(bootstrap.endpoints("own")).isEmpty();
    }

    private static Cluster withService(Cluster cluster, String service) {
        return cluster.toBuilder()
                .setEdsClusterConfig(cluster.getEdsClusterConfig().toBuilder().setServiceName(service))
                .build();
    }

    private static io.inmesh.model.Cluster cluster(MeshSnapshot snapshot) {
        return ((ClusterState.Ready) Objects.requireNonNull(snapshot.clusters().get("orders"))).cluster();
    }
}
