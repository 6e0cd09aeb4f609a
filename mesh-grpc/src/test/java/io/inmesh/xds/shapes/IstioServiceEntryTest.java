package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.TransportSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The clusters and endpoints that istiod made of {@code services.yaml} and {@code service-entries.yaml}. */
class IstioServiceEntryTest {
    private static final Shapes WEB = Shapes.of("istio/web.json");
    private static final String SHOP = "outbound|8001||shop.default.svc.cluster.local";

    private static Cluster cluster(String name) {
        return WEB.cluster(name).value().cluster();
    }

    @Test
    void resolution_static_hasItsEndpointsByEds() {
        assertThat(cluster("outbound|8200||static.example").discovery())
                .isEqualTo(new Discovery.Eds("outbound|8200||static.example"));
        assertThat(endpoints(WEB.endpoints("outbound|8200||static.example"))).containsExactly("127.0.6.1:8200 1");
    }

    @Test
    void resolution_dns_asksDnsForEachEndpoint() {
        Cluster cluster = cluster("outbound|8200||dns.example");

        Discovery.StrictDns dns = (Discovery.StrictDns) cluster.discovery();
        assertThat(dns.lookup().refresh()).isEqualTo(Duration.ofSeconds(60));
        assertThat(dns.lookup().respectTtl()).isTrue();
        assertThat(endpoints(Objects.requireNonNull(
                        WEB.cluster("outbound|8200||dns.example").value().endpoints())))
                .containsExactly("a.dns.example:28200 1", "b.dns.example:18200 1");
    }

    @Test
    void resolution_dnsRoundRobin_takesOneAddress() {
        assertThat(cluster("outbound|8200||logical.example").discovery()).isInstanceOf(Discovery.LogicalDns.class);
    }

    @Test
    void resolution_none_goesToTheAddressThatWasAskedFor() {
        assertThat(cluster("outbound|8200||none.example").discovery()).isEqualTo(new Discovery.OriginalDestination());
    }

    @Test
    void resolution_dynamicDns_followsTheRequest() {
        assertThat(cluster("outbound|8200||*.dynamic.example").discovery())
                .isInstanceOf(Discovery.DynamicForwardProxy.class);
    }

    @Test
    void location_external_isPlaintextWithoutADestinationRule() {
        assertThat(cluster("outbound|8200||static.example").transportMatches()).isEmpty();
        assertThat(cluster("outbound|8200||static.example").transport()).isEqualTo(new TransportSocket.Plaintext());
        assertThat(cluster(SHOP).transportMatches())
                .extracting(TransportSocket.Match::name)
                .containsExactly("tlsMode-istio", "tlsMode-disabled");
    }

    @Test
    void subjectAltNames_areTakenBesideTheAccountsOfEndpoints() {
        var tls = ((TransportSocket.Tls) cluster("outbound|8200||san.example")
                        .transportMatches()
                        .get(0)
                        .socket())
                .settings();

        assertThat(Objects.requireNonNull(tls.common().validation())
                        .subjectAltNames()
                        .toString())
                .contains("spiffe://cluster.local/ns/else/sa/named", "spiffe://cluster.local/ns/default/sa/own");
    }

    @Test
    void exportTo_otherNamespaces_isDecidedByTheControlPlane() {
        assertThat(WEB.hasCluster("outbound|8200||san.example")).isTrue();
        assertThat(WEB.hasCluster("outbound|8200||hidden.example")).isFalse();
    }

    @Test
    void ports_protocols_areTheVersionOfHttp() {
        assertThat(cluster(SHOP).http().version()).isEqualTo(HttpVersion.HTTP_1);
        assertThat(cluster("outbound|8400||grpc.example").http().version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(cluster("outbound|8401||grpc.example").http().version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(cluster("outbound|8403||grpc.example").http().version()).isEqualTo(HttpVersion.AS_CALLER);
    }

    @Test
    void workloadEntries_eachField_isInTheEndpoint() {
        Assignment shop = WEB.endpoints(SHOP);

        assertThat(endpoints(shop)).containsExactly("127.0.4.1:18001 1", "127.0.4.2:18001 3", "127.0.4.3:18005 1");
        assertThat(shop.localities())
                .extracting(locality -> locality.locality().toString())
                .containsExactly("eu/eu-1/a", "eu/eu-1/b", "us/us-1/a");
        assertThat(shop.localities().get(0).endpoints().get(0).metadata())
                .containsEntry("envoy.transport_socket_match", Map.of("tlsMode", "istio"));
        var tls = ((TransportSocket.Tls) cluster(SHOP).transportMatches().get(0).socket()).settings();
        assertThat(Objects.requireNonNull(tls.common().validation())
                        .subjectAltNames()
                        .toString())
                .contains(
                        "value=spiffe://cluster.local/ns/default/sa/shop,",
                        "value=spiffe://cluster.local/ns/default/sa/shop-too,",
                        "value=spiffe://old.local/ns/default/sa/shop,");
    }

    private static List<String> endpoints(Assignment assignment) {
        return assignment.localities().stream()
                .flatMap(locality -> locality.endpoints().stream())
                .map(endpoint -> endpoint.address() + ":" + endpoint.port() + " " + endpoint.weight())
                .toList();
    }

    /** {@code kubernetes.yaml}: the pod's own address, which the application asks DNS for or knows. */
    @Test
    void headlessService_withHttp_goesToTheAddressThatWasAskedFor() {
        Shapes kubernetes = Shapes.of("istio/kubernetes.json");
        String name = "outbound|8600||headless.default.svc.cluster.local";

        assertThat(RoutedRequest.of(kubernetes.routes("8600").value(), "GET headless.default.svc /")
                        .outcome(0))
                .endsWith(" to " + name);
        assertThat(kubernetes.cluster(name).value().cluster().discovery())
                .isInstanceOf(Discovery.OriginalDestination.class);
    }

    @Test
    void appProtocol_isTheVersionOfHttp() {
        assertThat(Shapes.of("istio/kubernetes.json")
                        .cluster("outbound|8602||headless.default.svc.cluster.local")
                        .value()
                        .cluster()
                        .http()
                        .version())
                .isEqualTo(HttpVersion.HTTP_2);
    }
}
