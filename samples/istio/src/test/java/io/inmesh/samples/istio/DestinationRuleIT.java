package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.ResponseFlag;
import io.inmesh.http.MeshHttpResponse;
import io.inmesh.samples.istio.TestNamespace.Body;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** DestinationRule: how a service is spoken to. */
@ExtendWith(RealIstio.class)
class DestinationRuleIT {
    private static TestNamespace namespace;
    private static Pod web;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "rules", 26);
        namespace.service("reviews");
        namespace.start("reviews", "v1", 11);
        namespace.start("reviews", "v2", 12);
        web = namespace.pod("web", 1);
        namespace.settle(web);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    private static void during(String policy, Body body) throws Exception {
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: reviews}
                spec: {host: reviews.NS.svc.cluster.local, trafficPolicy: {POLICY}}
                """.replace("{POLICY}", policy);
        namespace.during(rule, () -> {
            namespace.settle(web);
            body.run();
        });
        namespace.settle(web);
    }

    private static String caller() throws IOException, InterruptedException {
        HttpResponse<String> response = web.get("http://reviews:9080/");
        return response.statusCode() == 200
                ? response.headers().firstValue("x-caller").orElse("")
                : "none";
    }

    @Test
    void tlsMode_decidesHowOneSpeaks() throws Exception {
        String own = "spiffe://cluster.local/ns/rules/sa/web";
        assertThat(caller()).as("automatic").isEqualTo(own);
        during("{tls: {mode: DISABLE}}", () -> {
            assertThat(caller()).isEqualTo("nobody");
        });
        during("{tls: {mode: ISTIO_MUTUAL}}", () -> {
            assertThat(caller()).isEqualTo(own);
        });
        during("{tls: {mode: ISTIO_MUTUAL, subjectAltNames: [spiffe://cluster.local/ns/rules/sa/reviews]}}", () -> {
            assertThat(caller()).isEqualTo(own);
        });
        during("{tls: {mode: ISTIO_MUTUAL, subjectAltNames: [spiffe://cluster.local/ns/rules/sa/other]}}", () -> {
            assertThat(caller()).isEqualTo("none");
        });
        during("{portLevelSettings: [{port: {number: 9080}, tls: {mode: DISABLE}}]}", () -> {
            assertThat(caller()).isEqualTo("nobody");
        });
    }

    @Test
    void maxRequests_overIt503() throws Exception {
        during("{connectionPool: {http: {http2MaxRequests: 1, http1MaxPendingRequests: 1}}}", () -> {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://reviews:9080/"))
                        .header("x-delay", "3000")
                        .build();
                answers.add(web.client.sendAsync(request, BodyHandlers.ofString()));
            }
            List<HttpResponse<String>> overflown = answers.stream()
                    .map(CompletableFuture::join)
                    .filter(response -> response.statusCode() == 503)
                    .toList();
            assertThat(overflown).hasSizeBetween(5, 7).allSatisfy(response -> assertThat(
                            MeshHttpResponse.of(response).mesh().flags())
                    .contains(ResponseFlag.UPSTREAM_OVERFLOW));
        });
    }

    @Test
    void upgradePolicy_decidesOnTheProtocol() throws Exception {
        during("{connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}", () -> {
            HttpResponse<String> response = web.get("http://reviews:9080/");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(java.net.http.HttpClient.Version.HTTP_2);
        });
        assertThat(web.get("http://reviews:9080/").version()).isNotNull();
    }

    @Test
    void roundRobin_isEven() throws Exception {
        during("{loadBalancer: {simple: ROUND_ROBIN}}", () -> {
            assertThat(shares(200).values())
                    .allSatisfy(share -> assertThat(share).isBetween(90, 110));
        });
    }

    @Test
    void random_isEvenOnTheWhole() throws Exception {
        during("{loadBalancer: {simple: RANDOM}}", () -> {
            // Five standard deviations of 1000 fair choices.
            assertThat(shares(1000).values()).hasSize(2).allSatisfy(share -> assertThat(share)
                    .isBetween(420, 580));
        });
    }

    @Test
    void subset_hasAPolicyOfItsOwn() throws Exception {
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: reviews}
                spec:
                  host: reviews.NS.svc.cluster.local
                  subsets:
                  - {name: v1, labels: {version: v1}}
                  - {name: v2, labels: {version: v2}, trafficPolicy: {tls: {mode: DISABLE}}}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: reviews}
                spec:
                  hosts: [reviews.NS.svc.cluster.local]
                  http:
                  - {match: [{uri: {exact: /two}}], route: [{destination: {host: reviews.NS.svc.cluster.local, subset: v2}}]}
                  - {match: [{uri: {exact: /none}}], route: [{destination: {host: reviews.NS.svc.cluster.local, subset: v3}}]}
                  - {route: [{destination: {host: reviews.NS.svc.cluster.local, subset: v1}}]}
                """;
        namespace.during(rule, () -> {
            namespace.settle(web);
            // The endpoints of new clusters are asked for after the routes to them are there: 503 for a moment, as in
            // Envoy.
            eventually(() -> {
                assertThat(web.get("http://reviews:9080/one").statusCode()).isEqualTo(200);
                assertThat(web.get("http://reviews:9080/two").statusCode()).isEqualTo(200);
            });
            HttpResponse<String> one = web.get("http://reviews:9080/one");
            assertThat(one.headers().firstValue("x-pod")).contains(namespace.address(11));
            assertThat(one.headers().firstValue("x-caller")).contains("spiffe://cluster.local/ns/rules/sa/web");
            HttpResponse<String> two = web.get("http://reviews:9080/two");
            assertThat(two.headers().firstValue("x-pod")).contains(namespace.address(12));
            assertThat(two.headers().firstValue("x-caller")).contains("nobody");
            // Envoy's answer for a cluster that does not exist, which is what a subset without a definition is.
            HttpResponse<String> none = web.get("http://reviews:9080/none");
            assertThat(none.statusCode()).isEqualTo(503);
            assertThat(MeshHttpResponse.of(none).mesh().flags()).contains(ResponseFlag.NO_CLUSTER_FOUND);
        });
    }

    private static Map<String, Integer> shares(int requests) throws IOException, InterruptedException {
        Map<String, Integer> shares = new TreeMap<>();
        for (int i = 0; i < requests; i++) {
            shares.merge(
                    web.get("http://reviews:9080/")
                            .headers()
                            .firstValue("x-pod")
                            .orElse(""),
                    1,
                    Integer::sum);
        }
        return shares;
    }
}
