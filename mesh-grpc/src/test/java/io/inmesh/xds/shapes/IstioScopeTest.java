package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.inmesh.model.HeaderMutationFilter;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.RouteTable;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What istiod made of {@code sidecars.yaml} and of the patches in {@code telemetry.yaml}. */
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

        assertThat(decoded.unsupported()).anyMatch(path -> path.endsWith("access_log"));
        assertThat(Objects.requireNonNull(decoded.value().inbound()).unusable()).isNull();
    }
}
