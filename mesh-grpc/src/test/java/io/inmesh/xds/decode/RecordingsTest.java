package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.model.RouteTable;
import io.inmesh.model.Secret.Validation;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext.Version;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.Recordings.Recording;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                                + " (envoy.extensions.filters.http.fault.v3.HTTPFault: no fault is injected)",
                        "virtual_hosts[1].routes[2].route.hash_policy")
                .anyMatch(path -> path.contains("cors.v3.CorsPolicy"));
        assertThat(decoded.value().ignorePort()).isTrue();
        assertThat(decoded.value().virtualHosts()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "istio-1.31-dev/basic/web/Cluster/PassthroughCluster.pb",
                "istio-1.31-dev/basic/web/Cluster/InboundPassthroughCluster.pb",
                "istio-1.31-dev/rich/reviews/Cluster/inbound|19090||.pb",
                "kuma-2.14.3/builtin-ca/web/Cluster/outbound~passthrough~ipv4.pb"
            })
    void decode_clustersOfOriginalDestinations_areUsable(String file) {
        io.inmesh.model.Cluster cluster = cluster(file);

        assertThat(cluster.unusable()).isNull();
        assertThat(cluster.discovery()).isInstanceOf(OriginalDestination.class);
        assertThat(cluster.transport()).isEqualTo(new TransportSocket.Plaintext());
    }

    @Test
    void decode_clustersOfIstio_haveTheTlsOfTheirServices() {
        io.inmesh.model.Cluster reviews =
                cluster("istio-1.31-dev/basic/web/Cluster/outbound|9080||reviews.default.svc.cluster.local.pb");

        assertThat(reviews.unusable()).isNull();
        assertThat(reviews.transport()).isEqualTo(new TransportSocket.Plaintext());
        assertThat(reviews.transportMatches())
                .extracting(TransportSocket.Match::name, TransportSocket.Match::criteria)
                .containsExactly(
                        tuple("tlsMode-istio", Map.of("tlsMode", "istio")), tuple("tlsMode-disabled", Map.of()));
        assertThat(reviews.transportMatches().get(1).socket()).isEqualTo(new TransportSocket.Plaintext());
        UpstreamTls tls = settings(reviews.transportMatches().get(0).socket());
        assertThat(tls.sni()).isEqualTo("outbound_.9080_._.reviews.default.svc.cluster.local");
        assertThat(tls.common().alpn()).containsExactly("istio-peer-exchange", "istio");
        assertThat(tls.common().parameters().minimum()).isEqualTo(Version.TLS_1_2);
        assertThat(tls.common().parameters().maximum()).isEqualTo(Version.TLS_1_3);
        assertThat(tls.common().secrets())
                .containsExactly(
                        new SecretName("cluster:sds-grpc", "default"), new SecretName("cluster:sds-grpc", "ROOTCA"));
        assertThat(tls.common().validation()).isNotNull();

        io.inmesh.model.Cluster external = cluster("istio-1.31-dev/rich/web/Cluster/outbound|80||api.example.com.pb");
        assertThat(external.transport().secrets())
                .containsExactly(new SecretName("cluster:sds-grpc", "file-root:system"));
        assertThat(external.http().requestSni()).isEqualTo(new RequestSni(true, true, ""));
    }

    @Test
    void decode_clusterOfKuma_hasItsSecretsOnTheStream() {
        io.inmesh.model.Cluster orders =
                cluster("kuma-2.14.3/builtin-ca/web/Cluster/default_orders__zone-1_msvc_18080.pb");

        UpstreamTls tls = settings(orders.transport());
        assertThat(tls.sni()).isEqualTo("aa37a23ac775842ef.orders.18080.default.ms");
        assertThat(tls.common().alpn()).containsExactly("kuma");
        assertThat(tls.common().secrets())
                .containsExactly(
                        SecretName.ofControlPlane("identity_cert:secret:default"),
                        SecretName.ofControlPlane("mesh_ca:secret:default"));
        Validation validation = tls.common().validation();
        assertThat(validation).isNotNull();
        assertThat(Objects.requireNonNull(validation).subjectAltNames())
                .containsExactly(new SubjectAltNameMatcher(
                        SubjectAltNameMatcher.Type.URI, new StringMatcher.Exact("spiffe://default/orders", false), ""));
    }

    /** The protos themselves say what there has to be, so nothing of any recording can get lost unseen. */
    @Test
    void decode_everyRecordedCluster_hasTheTlsOfItsProto() throws Exception {
        int sockets = 0;
        for (Recording recording : recordings()) {
            if (recording.kind() == ResourceKind.CLUSTER) {
                Cluster proto = Cluster.parseFrom(recording.body().getValue());
                io.inmesh.model.Cluster decoded = cluster(recording.file());
                List<io.envoyproxy.envoy.config.core.v3.TransportSocket> expected = new ArrayList<>();
                List<TransportSocket> actual = new ArrayList<>();
                if (proto.hasTransportSocket()) {
                    expected.add(proto.getTransportSocket());
                    actual.add(decoded.transport());
                }
                proto.getTransportSocketMatchesList().forEach(match -> expected.add(match.getTransportSocket()));
                decoded.transportMatches().forEach(match -> actual.add(match.socket()));
                assertThat(actual).as(recording.file()).hasSameSizeAs(expected);
                for (int i = 0; i < actual.size(); i++) {
                    requireSame(expected.get(i), actual.get(i), recording.file());
                    sockets++;
                }
            }
        }
        assertThat(sockets).isGreaterThan(50);
    }

    @SuppressWarnings("deprecation") // istiod sends match_subject_alt_names
    private static void requireSame(
            io.envoyproxy.envoy.config.core.v3.TransportSocket expected, TransportSocket actual, String file)
            throws Exception {
        if (!expected.getTypedConfig().is(UpstreamTlsContext.class)) {
            assertThat(actual).as(file).isEqualTo(new TransportSocket.Plaintext());
            return;
        }
        UpstreamTlsContext context = expected.getTypedConfig().unpack(UpstreamTlsContext.class);
        var common = context.getCommonTlsContext();
        var combined = common.getCombinedValidationContext();
        UpstreamTls tls = settings(actual);
        assertThat(tls.sni()).as(file).isEqualTo(context.getSni());
        assertThat(tls.common().alpn()).as(file).isEqualTo(common.getAlpnProtocolsList());
        List<String> names = new ArrayList<>();
        common.getTlsCertificateSdsSecretConfigsList().forEach(each -> names.add(each.getName()));
        names.add(combined.getValidationContextSdsSecretConfig().getName());
        assertThat(tls.common().secrets()).as(file).extracting(SecretName::name).isEqualTo(names);
        var given = combined.getDefaultValidationContext();
        assertThat(Objects.requireNonNull(tls.common().validation()).subjectAltNames())
                .as(file)
                .hasSize(given.getMatchTypedSubjectAltNamesCount() + 4 * given.getMatchSubjectAltNamesCount());
    }

    private static UpstreamTls settings(TransportSocket socket) {
        return ((TransportSocket.Tls) socket).settings();
    }

    private static io.inmesh.model.Cluster cluster(String file) {
        Recording recording = recording(file);
        return Yaml.accepted(ResourceDecoder.cluster(recording.name(), recording.body()))
                .cluster();
    }

    private static Recording recording(String file) {
        return recordings().stream()
                .filter(each -> each.file().equals(file))
                .findFirst()
                .orElseThrow();
    }
}
