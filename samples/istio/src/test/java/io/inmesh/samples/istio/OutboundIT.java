package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.MeshHttpResponse;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which listener, route and cluster a destination takes; destinations outside of the mesh; scopes. */
@ExtendWith(RealIstio.class)
class OutboundIT {
    private static final String EXTERNAL = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: static-external}
            spec:
              hosts: [static.external.example]
              exportTo: ["."]
              location: MESH_EXTERNAL
              resolution: STATIC
              ports: [{number: 8081, name: http, protocol: HTTP, targetPort: 18081}]
              endpoints: [{address: NET.60}]
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: dns-external}
            spec:
              hosts: [api.external.example]
              exportTo: ["."]
              location: MESH_EXTERNAL
              resolution: DNS
              ports: [{number: 8082, name: http, protocol: HTTP, targetPort: 18081}]
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: dns-elsewhere}
            spec:
              hosts: [round.external.example]
              exportTo: ["."]
              location: MESH_EXTERNAL
              resolution: DNS_ROUND_ROBIN
              ports: [{number: 8083, name: http, protocol: HTTP, targetPort: 18081}]
              endpoints: [{address: api.external.example}]
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: as-asked}
            spec:
              hosts: [plain.example]
              exportTo: ["."]
              location: MESH_EXTERNAL
              resolution: NONE
              ports: [{number: 18081, name: http, protocol: HTTP}]
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: wild}
            spec:
              hosts: ["*.wild.example"]
              exportTo: ["."]
              location: MESH_EXTERNAL
              resolution: DYNAMIC_DNS
              ports: [{number: 18082, name: http, protocol: HTTP}]
            """;

    private static TestNamespace namespace;
    private static Pod web;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "outbound", 31);
        namespace.service("reviews");
        namespace.apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: rated}
                spec:
                  hosts: [rated.NS.svc.cluster.local]
                  addresses: [VIP.1]
                  exportTo: ["."]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 9080, name: http, protocol: HTTP, targetPort: 19080}]
                  workloadSelector: {labels: {app: reviews}}
                """);
        namespace.apply(EXTERNAL);
        namespace.start("reviews", "v1", 11);
        namespace.own(PlainServer.start("static", namespace.address(60), 18081));
        namespace.own(PlainServer.start("wild", namespace.address(61), 18082));
        namespace.own(PlainServer.start("plain", namespace.address(62), 18081));
        namespace.own(PlainServer.start("unknown", namespace.address(63), 9080));
        namespace.own(PlainServer.start("unknown-port", namespace.address(63), 18099));
        web = namespace.pod("web", 1);
        namespace.settle(web);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    @ParameterizedTest
    @CsvSource({
        "reviews",
        "reviews.outbound",
        "reviews.outbound.svc",
        "reviews.outbound.svc.cluster.local",
        "reviews.outbound.svc.cluster.local.",
        "rated",
        "240.240.31.1"
    })
    void name_inAnyForm_isTheService(String host) throws Exception {
        HttpResponse<String> response = web.get("http://" + host + ":9080/");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-caller")).contains("spiffe://cluster.local/ns/outbound/sa/web");
    }

    /** What is outside of the mesh is spoken to in the clear, and finds its address in as many ways as there are resolutions. */
    @ParameterizedTest
    @CsvSource({
        "http://static.external.example:8081/, static",
        "http://api.external.example:8082/,    static",
        "http://round.external.example:8083/,  static",
        "http://plain.example:18081/,          plain",
        "http://one.wild.example:18082/,       wild",
    })
    void serviceOutside_isReached_howeverItsAddressIsFound(String uri, String server) throws Exception {
        HttpResponse<String> response = web.get(uri);
        assertThat(response.body()).startsWith(server + " GET / ");
        assertThat(response.statusCode()).isEqualTo(200);
    }

    @Test
    void unknownDestination_goesStraight_becauseTheMeshAllowsAny() throws Exception {
        HttpResponse<String> known = web.get("http://" + namespace.address(63) + ":9080/");
        assertThat(known.body()).startsWith("unknown GET");
        HttpResponse<String> other = web.get("http://" + namespace.address(63) + ":18099/");
        assertThat(other.body()).startsWith("unknown-port GET");
    }

    @Test
    void unknownDestination_isRefused_ifOnlyTheRegistryCounts() throws Exception {
        String only = """
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: web}
                spec:
                  workloadSelector: {labels: {app: web}}
                  outboundTrafficPolicy: {mode: REGISTRY_ONLY}
                  egress: [{hosts: ["./*"]}]
                """;
        namespace.during(only, () -> {
            namespace.settle(web);
            HttpResponse<String> blocked = web.get("http://" + namespace.address(63) + ":9080/");
            assertThat(blocked.statusCode()).isEqualTo(502);
            assertThat(MeshHttpResponse.of(blocked).mesh().explanation().toString())
                    .contains("block_all");
            assertThat(outcome("http://" + namespace.address(63) + ":18099/")).isNotEqualTo("200");
            assertThat(web.get("http://reviews:9080/").statusCode()).isEqualTo(200);
        });
        namespace.settle(web);
        assertThat(outcome("http://" + namespace.address(63) + ":18099/")).isEqualTo("200");
    }

    private static String outcome(String uri) throws InterruptedException {
        try {
            return Integer.toString(web.get(uri).statusCode());
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void scope_hidesWhatItDoesNotName() throws Exception {
        String scope = """
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: web}
                spec:
                  workloadSelector: {labels: {app: web}}
                  outboundTrafficPolicy: {mode: REGISTRY_ONLY}
                  egress: [{hosts: [./rated.NS.svc.cluster.local, ./marker.NS.svc.cluster.local]}]
                """;
        namespace.during(scope, () -> {
            namespace.settle(web);
            assertThat(web.get("http://rated:9080/").statusCode()).isEqualTo(200);
            assertThat(web.get("http://reviews:9080/").statusCode()).isEqualTo(502);
            assertThat(web.mesh.snapshot().clusters().keySet()).noneMatch(name -> name.contains("reviews"));
        });
        // istiod sends routes before it is asked for the endpoints of a cluster that is new: 503 NC for a moment, as
        // Envoy answers.
        eventually(
                () -> assertThat(web.get("http://reviews:9080/").statusCode()).isEqualTo(200));
    }
}
