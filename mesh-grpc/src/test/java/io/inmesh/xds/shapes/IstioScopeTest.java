package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HeaderMutationFilter;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import io.inmesh.model.RouteTable;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What istiod made of {@code sidecars.yaml} and of the patches in {@code patches.yaml}. */
class IstioScopeTest {
    private static final Shapes NARROW = Shapes.of("istio/narrow.json");
    private static final RouteTable ROUTES = NARROW.routes("8001").value();

    @Test
    void sidecar_egressHosts_areAllThatIsKnown() {
        assertThat(NARROW.hasCluster("outbound|8001||shop.default.svc.cluster.local"))
                .isTrue();
        assertThat(NARROW.hasCluster("outbound|8001||blog.default.svc.cluster.local"))
                .isTrue();
        assertThat(NARROW.hasCluster("outbound|8200||static.example")).isFalse();
        assertThat(ROUTES.virtualHosts()).hasSize(3);
    }

    @Test
    void sidecar_registryOnly_answers502ForAllOtherHosts() {
        assertThat(RoutedRequest.of(ROUTES, "GET elsewhere.example /").outcome(0))
                .isEqualTo("502");
    }

    @Test
    void sidecar_ingress_hasAClusterWithItsOwnPool() {
        var cluster = NARROW.cluster("inbound|19999||").value().cluster();

        assertThat(cluster.defaultThresholds().maxPendingRequests()).isEqualTo(3);
    }

    @Test
    void sidecar_egressProxy_takesWhatNobodyKnows() {
        Shapes fronted = Shapes.of("istio/fronted.json");
        String proxy = "outbound|8001||blog.default.svc.cluster.local";

        assertThat(RoutedRequest.of(fronted.routes("8001").value(), "GET elsewhere.example /x")
                        .outcome(0))
                .isEqualTo("GET elsewhere.example /x to " + proxy);
        assertThat(fronted.cluster(proxy).value().cluster().unusable()).isNull();
    }

    /** At a port without a listener of its own, Envoy would pass connections on to it as they are. */
    @Test
    void sidecar_egressProxyAtOtherPorts_isRefused() {
        String proxy = "outbound|8001||blog.default.svc.cluster.local";
        Listener any = listener("istio/fronted-virtualOutbound.pb").listener();
        Cluster cluster = Shapes.of("istio/fronted.json").cluster(proxy).value().cluster();
        MeshSnapshot snapshot = new MeshSnapshot(
                1,
                Map.of(any.name(), any),
                Map.of(),
                Map.of(proxy, new ClusterState.Ready(cluster, Assignment.empty(proxy))),
                Map.of());

        for (String scheme : List.of("http", "https")) {
            assertThat(XdsDialect.istio("other")
                            .index(snapshot)
                            .choose(new Destination(scheme, "elsewhere.example", 7777)))
                    .isInstanceOf(Choice.Refused.class);
        }
    }

    /** {@code proxy-config.yaml}. */
    @Test
    void proxyHeaders_ofTheWorkload_areInListenersAndRoutes() {
        RouteTable routes = Shapes.of("istio/headers.json").routes("8001").value();
        RoutedRequest request = RoutedRequest.of(routes, "GET elsewhere.example /");

        assertThat(routes.virtualHosts()).allSatisfy(host -> assertThat(host.includeRequestAttemptCount())
                .isFalse());
        assertThat(Objects.requireNonNull(request.compiled().forward()).appendForwardedHost())
                .isTrue();
        HttpConnectionManager http = Objects.requireNonNull(
                listener("istio/headers-8001.pb").listener().http());
        assertThat(http.client().generateRequestId()).isFalse();
        assertThat(http.filters()).extracting(HttpFilterConfig::config).contains(new FilterConfig.Router(true));
        assertThat(ROUTES.virtualHosts()).allSatisfy(host -> assertThat(host.includeRequestAttemptCount())
                .isTrue());
    }

    /** istiod's own tracing, which comes without a Telemetry, too. */
    @Test
    void tracing_isShown() {
        var listener = Shapes.wire("istio/headers-virtualInbound.pb");

        assertThat(((Accepted<?>) ResourceDecoder.listener(listener.getName(), Any.pack(listener))).unsupported())
                .anyMatch(path -> path.endsWith("tracing"));
    }

    @Test
    void preserveHttp1HeaderCase_isShown() {
        for (String file : List.of("istio/headers-8001.pb", "istio/headers-virtualInbound.pb")) {
            var listener = Shapes.wire(file);
            assertThat(((Accepted<?>) ResourceDecoder.listener(listener.getName(), Any.pack(listener))).unsupported())
                    .anyMatch(path -> path.contains("http_protocol_options.header_key_format"));
        }
    }

    private static DecodedListener listener(String file) {
        var listener = Shapes.wire(file);
        return ((Accepted<DecodedListener>) ResourceDecoder.listener(listener.getName(), Any.pack(listener))).value();
    }

    @Test
    void envoyFilter_patchesOfClusters_areInForce() {
        assertThat(NARROW.cluster("outbound|8001||shop.default.svc.cluster.local")
                        .value()
                        .cluster()
                        .connectTimeout())
                .isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void envoyFilter_patchesOfRoutes_areInForce() {
        RoutedRequest request = RoutedRequest.of(ROUTES, "GET shop.default.svc.cluster.local /any");
        assertThat(request.outcome(0)).contains("|shop.default");

        assertThat(request.headers()).contains("x-patched: yes");
        assertThat(Objects.requireNonNull(RoutedRequest.of(ROUTES, "GET blog.default.svc.cluster.local /timeout")
                                .compiled()
                                .forward())
                        .timeouts()
                        .response())
                .isEqualTo(Duration.ofSeconds(11));
    }

    @Test
    void envoyFilter_httpFilterThatIsBuiltIn_isInTheChain() {
        var listener = Shapes.wire("istio/closed-virtualInbound.pb");
        var decoded = (Accepted<DecodedListener>) ResourceDecoder.listener(listener.getName(), Any.pack(listener));

        assertThat(Objects.requireNonNull(decoded.value().inbound()).connectionManagers())
                .isNotEmpty()
                .allSatisfy(manager -> assertThat(manager.filters())
                        .extracting(HttpFilterConfig::config)
                        .hasAtLeastOneElementOfType(HeaderMutationFilter.class));
    }

    /** Istio's telemetry is passed over: it decides nothing. */
    @Test
    void telemetry_atAServer_isShownAndStopsNobody() {
        var listener = Shapes.wire("istio/guarded-virtualInbound.pb");
        var decoded = (Accepted<DecodedListener>) ResourceDecoder.listener(listener.getName(), Any.pack(listener));

        assertThat(decoded.unsupported())
                .anyMatch(path -> path.endsWith("access_log"))
                .anyMatch(path -> path.endsWith("(stats.PluginConfig: Istio's standard metrics are not counted)"));
        assertThat(Objects.requireNonNull(decoded.value().inbound()).unusable()).isNull();
    }
}
