package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** istiod's generator for proxyless gRPC, beside a sidecar's configuration for the same policies: what it does, and what it leaves open. */
@ExtendWith(RealIstio.class)
class GrpcGeneratorIT {
    private static final String MESH = "spiffe://cluster.local/ns/proxyless/sa/";
    private static final String CLUSTER = "outbound|9080||small.proxyless.svc.cluster.local";
    private static final String MUTUAL = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: small}
            spec: {host: small.NS.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
            """;

    private static TestNamespace namespace;
    /** The first two are asked for the generator, the others for a sidecar's configuration. */
    private static Pod small;

    private static Pod smallWeb;
    private static Pod full;
    private static Pod fullWeb;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "proxyless", 52);
        namespace.service("small");
        namespace.service("full");
        namespace.instance("small", "v1", 11);
        namespace.instance("full", "v1", 12);
        small = namespace.pod("small", 11, source -> source.grpcGenerator());
        namespace.own(new EchoServer(small, 19080));
        full = namespace.pod("full", 12);
        namespace.own(new EchoServer(full, 19080));
        smallWeb = namespace.pod("web", 1, source -> source.grpcGenerator());
        fullWeb = namespace.pod("web", 2);
        namespace.settle(small, smallWeb, full, fullWeb);
    }

    @AfterAll
    static void end() {
        namespace.close();
    }

    private static String outcome(Pod client, String service, String... headers) throws InterruptedException {
        try {
            HttpResponse<String> response = client.get("http://" + service + ":9080/", headers);
            return response.statusCode() == 200
                    ? response.headers().firstValue("x-caller").orElse("").replace(MESH, "")
                    : Integer.toString(response.statusCode());
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void resources_areAskedForByName_andNoOthersAreSent() throws Exception {
        assertThat(outcome(smallWeb, "small")).isEqualTo("nobody");
        assertThat(smallWeb.mesh.snapshot().listeners())
                .containsKey("small:9080")
                .doesNotContainKey("virtualOutbound");
        assertThat(smallWeb.mesh.snapshot().routeTables()).containsKey(CLUSTER);
        assertThat(smallWeb.mesh.snapshot().clusters()).containsKey(CLUSTER);
        assertThat(smallWeb.mesh.snapshot().inbound()).isEmpty();
        assertThat(small.mesh.snapshot().inbound())
                .containsOnlyKeys("xds.istio.io/grpc/lds/inbound/" + small.address + ":19080");
        assertThat(Endpoints.of(smallWeb.mesh, "small.proxyless.svc.cluster.local"))
                .containsExactly(small.address + ":19080 weight 1 priority 0");
    }

    @ParameterizedTest
    @CsvSource({
        "small",
        "small.proxyless",
        "small.proxyless.svc",
        "small.proxyless.svc.cluster.local",
    })
    void service_isFoundByEachOfItsNames(String host) throws Exception {
        assertThat(outcome(smallWeb, host)).isEqualTo("nobody");
    }

    @Test
    void routes_areThoseOfAVirtualService() throws Exception {
        namespace.during("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: small}
                spec:
                  hosts: [small.NS.svc.cluster.local]
                  http:
                  - match: [{uri: {prefix: /teapot}}]
                    directResponse: {status: 418}
                  - match: [{headers: {x-kind: {exact: full}}}]
                    route: [{destination: {host: full.NS.svc.cluster.local}}]
                  - route: [{destination: {host: small.NS.svc.cluster.local}}]
                """, () -> {
            namespace.settle(smallWeb);
            eventually(() -> assertThat(smallWeb.get("http://small:9080/teapot").statusCode())
                    .isEqualTo(418));
            assertThat(smallWeb.get("http://small:9080/", "x-kind", "full")
                            .headers()
                            .firstValue("x-pod"))
                    .contains(full.address);
            assertThat(smallWeb.get("http://small:9080/").headers().firstValue("x-pod"))
                    .contains(small.address);
        });
        namespace.settle(smallWeb);
    }

    @Test
    void mutualTls_isUsedOnBothSides_whereARuleAndAPolicySaySo() throws Exception {
        assertThat(outcome(smallWeb, "small")).as("nothing said").isEqualTo("nobody");
        namespace.during(MUTUAL + """
                ---
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: small}
                spec: {selector: {matchLabels: {app: small}}, mtls: {mode: STRICT}}
                """, () -> {
            namespace.settle(small, smallWeb, fullWeb);
            eventually(() -> {
                HttpResponse<String> response = smallWeb.get("http://small:9080/");
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.headers().firstValue("x-caller")).contains(MESH + "web");
                assertThat(ReviewsCall.peer(response.sslSession().orElseThrow()))
                        .isEqualTo(MESH + "small");
            });
            // A sidecar's client speaks to such a server as to any other.
            assertThat(outcome(fullWeb, "small")).isEqualTo("web");
            assertThat(plain(small)).isEqualTo("refused");
        });
        namespace.settle(small, smallWeb);
    }

    /** The generator's server has one chain: it cannot take both, so what a policy calls permissive is in the clear, or TLS if the workload's label says so. */
    @Test
    void permissive_isTheClear_orTlsByTheWorkloadsLabel() throws Exception {
        assertThat(plain(small)).isEqualTo("nobody");
        namespace.service("labelled");
        // istiod goes by the labels of the entry, as by those of a pod.
        namespace.apply(TestNamespace.instanceYaml("labelled", "v1", 13)
                .replace("labels: {", "labels: {security.istio.io/tlsMode: istio, "));
        Pod labelled = namespace.pod("labelled", 13, source -> source.grpcGenerator());
        namespace.own(new EchoServer(labelled, 19080));
        assertThat(plain(labelled)).isEqualTo("refused");
        eventually(() -> assertThat(outcome(fullWeb, "labelled")).isEqualTo("web"));
    }

    private static String plain(Pod server) throws InterruptedException {
        try {
            HttpResponse<String> response = PlainClient.get("http://" + server.address + ":19080/");
            return response.statusCode() == 200
                    ? response.headers().firstValue("x-caller").orElse("")
                    : Integer.toString(response.statusCode());
        } catch (IOException e) {
            return "refused";
        }
    }

    /** What a policy for the server makes of web's request where the server has a sidecar's configuration, and where it has the generator's. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            AuthorizationPolicy   | {action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}                              | {}                          | 403 | 403
            AuthorizationPolicy   | {action: ALLOW, rules: [{from: [{source: {serviceAccounts: [other]}}]}]}                    | {}                          | 403 | 403
            AuthorizationPolicy   | {action: ALLOW, rules: [{from: [{source: {serviceAccounts: [web]}}]}]}                      | {}                          | web | web
            AuthorizationPolicy   | {action: ALLOW}                                                                             | {}                          | 403 | web
            AuthorizationPolicy   | {action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}                              | {istio.io/dry-run: "true"}  | web | 403
            AuthorizationPolicy   | {action: CUSTOM, provider: {name: asks-elsewhere}, rules: [{}]}                             | {}                          | 403 | web
            AuthorizationPolicy   | {action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}                  | {}                          | 403 | 403
            RequestAuthentication | {jwtRules: [{issuer: "https://issuer.example", jwks: 'JWKS'}]}                              | {}                          | 401 | web
            """)
    void policy_atASidecarAndAtTheGenerator(
            String kind, String spec, String annotations, String sidecar, String generator) throws Exception {
        String keys = new JWKSet(new RSAKeyGenerator(2048).generate().toPublicJWK()).toString();
        StringBuilder policies = new StringBuilder(MUTUAL);
        for (String service : new String[] {"small", "full"}) {
            policies.append("""
                    ---
                    apiVersion: security.istio.io/v1
                    kind: KIND
                    metadata: {name: HOST, annotations: ANNOTATIONS}
                    spec: {selector: {matchLabels: {app: HOST}}, SPEC
                    ---
                    apiVersion: security.istio.io/v1
                    kind: PeerAuthentication
                    metadata: {name: HOST}
                    spec: {selector: {matchLabels: {app: HOST}}, mtls: {mode: STRICT}}
                    """.replace("KIND", kind)
                    .replace("ANNOTATIONS", annotations)
                    .replace("SPEC", spec.substring(1).replace("JWKS", keys))
                    .replace("HOST", service));
        }
        namespace.during(policies.toString(), () -> {
            namespace.settle(small, full, fullWeb);
            String token = "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIn0.c2lnbmF0dXJl";
            eventually(() -> {
                assertThat(outcome(fullWeb, "full", "authorization", token))
                        .as("sidecar")
                        .isEqualTo(sidecar);
                assertThat(outcome(fullWeb, "small", "authorization", token))
                        .as("generator")
                        .isEqualTo(generator);
            });
        });
        namespace.settle(small, full);
    }
}
