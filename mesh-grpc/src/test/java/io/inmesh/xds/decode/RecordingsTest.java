package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.RouteTable;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.Recordings.Recording;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordingsTest {
    static List<Recording> recordings() {
        return Recordings.all();
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void decode_resourceOfARealControlPlane_isAccepted(Recording recording) {
        Decoded<?> decoded = Recordings.decode(recording.kind(), recording.name(), recording.body());

        assertThat(decoded).isInstanceOf(Accepted.class);
        assertThat(((Accepted<?>) decoded).unsupported())
                .allSatisfy(path ->
                        assertThat(path).matches("[a-z_]+[\\[.( ].*|[a-z_]+").doesNotContain("#"));
    }

    @Test
    void decode_richRouteTableOfIstio_showsWhatHasNoEffect() {
        Accepted<RouteTable> decoded = (Accepted<RouteTable>) ResourceDecoder.routeTable(
                "80",
                recording("istio-1.31-dev/rich/web/RouteConfiguration/80.pb").body());

        assertThat(decoded.unsupported())
                .contains(
                        "virtual_hosts[1].routes[3].route.request_mirror_policies",
                        "virtual_hosts[1].routes[2].route.max_grpc_timeout",
                        "virtual_hosts[1].routes[3].typed_per_filter_config[\"envoy.filters.http.fault\"]"
                                + " (envoy.extensions.filters.http.fault.v3.HTTPFault: no fault is injected)")
                .noneMatch(path -> path.contains("cors"));
        assertThat(decoded.value().ignorePort()).isTrue();
        assertThat(decoded.value().virtualHosts()).hasSize(4);
    }

    @Test
    void decode_clusterWithMeshTls_isUnusableInsteadOfPlain() {
        for (Recording recording : recordings()) {
            if (Recordings.decode(recording.kind(), recording.name(), recording.body()) instanceof Accepted<?> accepted
                    && accepted.value() instanceof DecodedCluster decoded) {
                boolean tls = recording.body().toString().contains("envoy.transport_sockets.tls");
                assertThat(decoded.cluster().unusable() != null || !tls)
                        .as(recording.file())
                        .isTrue();
            }
        }
    }

    private static Recording recording(String file) {
        return recordings().stream()
                .filter(each -> each.file().equals(file))
                .findFirst()
                .orElseThrow();
    }
}
