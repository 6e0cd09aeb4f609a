package io.inmesh.xds;

import static io.inmesh.xds.testing.Resources.apiListener;
import static io.inmesh.xds.testing.Resources.certificate;
import static io.inmesh.xds.testing.Resources.cluster;
import static io.inmesh.xds.testing.Resources.endpoints;
import static io.inmesh.xds.testing.Resources.listener;
import static io.inmesh.xds.testing.Resources.routes;
import static io.inmesh.xds.testing.Resources.tlsCluster;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.route.v3.HedgePolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.snapshot.ConfigurationSource.Interest;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.snapshot.SourceStatus.State;
import io.inmesh.xds.bootstrap.Bootstrap;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import io.inmesh.xds.testing.ControlPlane;
import io.inmesh.xds.testing.ScriptedAdsServer;
import io.inmesh.xds.testing.ScriptedStream;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class XdsSourceTest {
    private volatile MeshSnapshot snapshot = MeshSnapshot.EMPTY;

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void envoyDialect_controlPlane_completeSnapshotsThatFollowIt(XdsTransport transport) {
        try (ControlPlane controlPlane = ControlPlane.start();
                XdsSource source = XdsSource.builder()
                        .server(XdsServer.plaintext(controlPlane.target()).withTransport(transport))
                        .node("web-1", "web")
                        .build()) {
            controlPlane.set(
                    listener("out", 8080, "shop"),
                    routes("shop", "orders", "orders"),
                    cluster("orders"),
                    endpoints("orders", 9001));
            assertThat(source.status().connected()).isFalse();
            source.start(this::take);
            await().untilAsserted(() -> assertThat(endpointCount("orders")).isEqualTo(1));
            assertThat(snapshot.listeners()).containsOnlyKeys("out");
            assertThat(snapshot.routeTables()).containsKey("shop");
            assertThat(source.status().connected()).isTrue();
            // A response is acknowledged when the snapshot that comes of it has been published.
            await().untilAsserted(() -> assertThat(source.status().resources())
                    .extracting(each -> each.name() + " " + each.state())
                    .containsExactlyInAnyOrder(
                            "LISTENER out ACKED",
                            "ROUTE_TABLE shop ACKED",
                            "CLUSTER orders ACKED",
                            "ENDPOINTS orders ACKED"));

            controlPlane.set(
                    listener("out", 8080, "shop"),
                    routes("shop", "orders", "orders"),
                    cluster("orders"),
                    endpoints("orders", 9001, 9002));
            await().untilAsserted(() -> assertThat(endpointCount("orders")).isEqualTo(2));

            controlPlane.stop();
            await().until(() -> !source.status().connected());
            assertThat(source.status().error()).contains(controlPlane.target());
            assertThat(endpointCount("orders")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void secrets_onTheStream_comeAndAreExchanged(XdsTransport transport) {
        try (ControlPlane controlPlane = ControlPlane.start();
                XdsSource source = XdsSource.builder()
                        .server(XdsServer.plaintext(controlPlane.target()).withTransport(transport))
                        .node("web-1", "web")
                        .build()) {
            controlPlane.set(
                    listener("out", 8080, "shop"),
                    routes("shop", "orders", "orders"),
                    tlsCluster("orders", "id"),
                    endpoints("orders", 9001),
                    certificate("id", "v1", "very-private"),
                    certificate("stray", "v1", "very-private"));
            source.start(this::take);
            await().untilAsserted(() -> assertThat(endpointCount("orders")).isEqualTo(1));
            assertThat(snapshot.secrets())
                    .isEqualTo(Map.of(
                            "id",
                            Secret.Certificate.of(DataSource.Inline.of("v1"), DataSource.Inline.of("very-private"))));

            controlPlane.set(
                    listener("out", 8080, "shop"),
                    routes("shop", "orders", "orders"),
                    tlsCluster("orders", "id"),
                    endpoints("orders", 9001),
                    certificate("id", "v2", "very-private"));
            await().untilAsserted(() -> assertThat(snapshot.secrets())
                    .isEqualTo(Map.of(
                            "id",
                            Secret.Certificate.of(DataSource.Inline.of("v2"), DataSource.Inline.of("very-private")))));
            await().untilAsserted(() -> assertThat(
                            status(source, ResourceKind.SECRET.named("id")).state())
                    .isEqualTo(State.ACKED));
            assertThat(source.status().toString() + snapshot).doesNotContain("very-private");

            controlPlane.set(
                    listener("out", 8080, "shop"),
                    routes("shop", "orders", "orders"),
                    tlsCluster("orders", "id"),
                    endpoints("orders", 9001),
                    certificate("id", "", "very-private"));
            assertThat(controlPlane.awaitRefusal())
                    .isEqualTo(
                            "1 of 1 resources refused: Secret \"id\": tls_certificate.certificate_chain: is required of"
                                    + " a certificate");
            assertThat(snapshot.secrets()).containsOnlyKeys("id");
            assertThat(source.status().toString()).doesNotContain("very-private");
        }
    }

    @Test
    void refusedUpdate_lastGoodServesAndStatusSaysWhy() {
        try (ControlPlane controlPlane = ControlPlane.start();
                XdsSource source =
                        XdsSource.builder().server(controlPlane.target()).build()) {
            controlPlane.set(
                    listener("out", 8080, "shop"),
                    routes("shop", "orders", "orders"),
                    cluster("orders"),
                    endpoints("orders", 9001));
            source.start(this::take);
            await().untilAsserted(() -> assertThat(endpointCount("orders")).isEqualTo(1));
            Cluster bad = cluster("orders").toBuilder()
                    .setRingHashLbConfig(Cluster.RingHashLbConfig.getDefaultInstance())
                    .setConnectTimeout(Duration.newBuilder().setSeconds(-1))
                    .build();
            controlPlane.set(
                    listener("out", 8080, "shop"), routes("shop", "orders", "orders"), bad, endpoints("orders", 9001));
            assertThat(controlPlane.awaitRefusal())
                    .isEqualTo("1 of 1 resources refused: Cluster \"orders\": connect_timeout: must be above 0s");
            await().untilAsserted(() -> assertThat(
                            status(source, ResourceKind.CLUSTER.named("orders")).state())
                    .isEqualTo(State.NACKED));
            assertThat(status(source, ResourceKind.CLUSTER.named("orders")).error())
                    .contains("connect_timeout");
            assertThat(endpointCount("orders")).isEqualTo(1);
        }
    }

    @Test
    void fieldsWithoutEffect_areInTheStatusOfTheirResource() {
        try (ControlPlane controlPlane = ControlPlane.start();
                XdsSource source =
                        XdsSource.builder().server(controlPlane.target()).build()) {
            RouteConfiguration.Builder routes = routes("shop", "orders", "orders").toBuilder();
            RouteAction.Builder action =
                    routes.getVirtualHostsBuilder(0).getRoutesBuilder(0).getRouteBuilder();
            action.setHedgePolicy(HedgePolicy.newBuilder().setHedgeOnPerTryTimeout(true));
            action.addRequestMirrorPolicies(RequestMirrorPolicy.newBuilder().setCluster("shadow"));
            controlPlane.set(
                    listener("out", 8080, "shop"), routes.build(), cluster("orders"), endpoints("orders", 9001));
            source.start(this::take);
            await().untilAsserted(() -> assertThat(endpointCount("orders")).isEqualTo(1));
            ResourceName table = ResourceKind.ROUTE_TABLE.named("shop");
            await().untilAsserted(
                            () -> assertThat(status(source, table).state()).isEqualTo(State.ACKED));
            assertThat(status(source, table).unsupported())
                    .containsExactlyInAnyOrder(
                            "virtual_hosts[0].routes[0].route.hedge_policy",
                            "virtual_hosts[0].routes[0].route.request_mirror_policies");
        }
    }

    @Test
    void grpcDialect_firstUse_asksByNameAndTellsWhoWantsIt() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start();
                XdsSource source = XdsSource.builder()
                        .server(server.target())
                        .dialect(XdsDialect.grpc())
                        .build()) {
            source.start(this::take);
            ResourceName name = ResourceKind.LISTENER.named("orders:80");
            Interest interest = source.want(name, "GET http://orders/");
            Interest second = source.want(name, "other");
            ScriptedStream stream = server.awaitStream();
            assertThat(stream.awaitDeltaRequest(ResourceKind.LISTENER).getResourceNamesSubscribeList())
                    .containsExactly("orders:80");
            assertThat(status(source, name).watchers()).containsExactly("GET http://orders/", "other");
            stream.respond(ResourceKind.LISTENER, "1", apiListener("orders:80", "orders-routes"));
            assertThat(stream.awaitDeltaRequest(ResourceKind.ROUTE_TABLE).getResourceNamesSubscribeList())
                    .containsExactly("orders-routes");
            stream.respond(ResourceKind.ROUTE_TABLE, "1", routes("orders-routes", "c", "*"));
            stream.awaitDeltaRequest(ResourceKind.CLUSTER);
            stream.respond(ResourceKind.CLUSTER, "1", cluster("c"));
            stream.awaitDeltaRequest(ResourceKind.ENDPOINTS);
            stream.respond(ResourceKind.ENDPOINTS, "1", endpoints("c", 9001));
            await().untilAsserted(() -> assertThat(endpointCount("c")).isEqualTo(1));
            assertThat(snapshot.listeners()).containsOnlyKeys("orders:80");

            stream.awaitDeltaRequest(ResourceKind.LISTENER);
            interest.close();
            interest.close();
            second.close();
            assertThat(stream.awaitDeltaRequest(ResourceKind.LISTENER).getResourceNamesUnsubscribeList())
                    .containsExactly("orders:80");
        }
    }

    @Test
    void grpcDialect_nameThatDoesNotExist_isAbsentWithTheReason() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start();
                XdsSource source = XdsSource.builder()
                        .server(server.target())
                        .dialect(XdsDialect.grpc())
                        .build();
                Interest interest = source.want(ResourceKind.LISTENER.named("nowhere:80"), "test")) {
            assertThat(interest).isNotNull();
            source.start(this::take);
            ScriptedStream stream = server.awaitStream();
            stream.awaitDeltaRequest(ResourceKind.LISTENER);
            stream.remove(ResourceKind.LISTENER, "1", "nowhere:80");
            await().untilAsserted(
                            () -> assertThat(snapshot.absent()).containsKey(ResourceKind.LISTENER.named("nowhere:80")));
        }
    }

    @Test
    void staticBootstrap_withoutControlPlane_serves() throws ResourceFileException {
        Bootstrap bootstrap = Bootstrap.parse("static.yaml", """
                static_resources:
                  listeners:
                  - name: out
                    address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
                    filter_chains:
                    - filters:
                      - name: envoy.filters.network.http_connection_manager
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: s
                          route_config:
                            virtual_hosts:
                            - {name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: c}}]}
                          http_filters:
                          - name: envoy.filters.http.router
                            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                  clusters:
                  - name: c
                    load_assignment:
                      cluster_name: c
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 9001}}}}]}]
                """);
        try (XdsSource source = XdsSource.builder().bootstrap(bootstrap).build()) {
            source.start(this::take);
            await().untilAsserted(() -> assertThat(endpointCount("c")).isEqualTo(1));
            assertThat(snapshot.listeners()).containsOnlyKeys("out");
            assertThat(source.status().connected()).isTrue();
        }
    }

    @Test
    void build_serverThatNeedsProtection_refusedBeforeAnythingIsDialled() {
        XdsSourceBuilder builder = XdsSource.builder()
                .server(new XdsServer(
                        "cp:15012", new Security.Unsupported("tls in b.yaml"), XdsTransport.INCREMENTAL, Map.of()));
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("cp:15012", "is not supported", "tls in b.yaml");
    }

    @Test
    void build_nothingToAsk_saysSo() {
        assertThatThrownBy(() -> XdsSource.builder().build())
                .hasMessageContaining("names neither a control plane nor static resources");
    }

    @Test
    void start_twice_isAnError() {
        try (XdsSource source = XdsSource.builder().server("127.0.0.1:1").build()) {
            source.start(this::take);
            assertThatThrownBy(() -> source.start(this::take)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void close_repeatedly_endsTheStream() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start()) {
            XdsSource source = XdsSource.builder().server(server.target()).build();
            source.start(this::take);
            ScriptedStream stream = server.awaitStream();
            source.close();
            source.close();
            stream.awaitEnd();
        }
    }

    private void take(MeshSnapshot newest) {
        snapshot = newest;
    }

    private int endpointCount(String cluster) {
        ClusterState state = snapshot.clusters().get(cluster);
        return state instanceof ClusterState.Ready ready
                ? ready.assignment().localities().stream()
                        .mapToInt(each -> each.endpoints().size())
                        .sum()
                : -1;
    }

    private static ResourceStatus status(XdsSource source, ResourceName name) {
        return source.status().resources().stream()
                .filter(each -> each.name().equals(name))
                .findAny()
                .orElseThrow(() -> new AssertionError(name + " is not in " + source.status()));
    }
}
