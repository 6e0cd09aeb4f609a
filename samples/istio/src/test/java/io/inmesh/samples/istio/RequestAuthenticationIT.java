package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** RequestAuthentication: tokens of people, and policies that want them. */
@ExtendWith(RealIstio.class)
class RequestAuthenticationIT {
    private static final String RULE = """
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: users}
            spec:
              selector: {matchLabels: {app: reviews}}
              jwtRules: [{issuer: "https://issuer.example", audiences: [shop], jwks: 'JWKS', MORE}]
            """;
    private static final String MEMBERS = """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: members}
            spec:
              selector: {matchLabels: {app: reviews}}
              action: ALLOW
              rules:
              - from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]
                when: [{key: "request.auth.claims[sub]", values: [anna]}]
            """;

    private static TestNamespace namespace;
    private static Pod web;
    private static EchoServer reviews;
    private static Users users;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        users = new Users();
        namespace = new TestNamespace(controlPlane, "tokens", 23);
        namespace.service("reviews");
        reviews = namespace.start("reviews", "v1", 11);
        web = namespace.pod("web", 1);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    private static String rule(String more) {
        return RULE.replace("JWKS", users.jwks()).replace(", MORE", more.isEmpty() ? "" : ", " + more);
    }

    private static HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return web.get("http://reviews:9080" + path, headers);
    }

    @Test
    void token_ifThereIsOne_mustBeGood() throws Exception {
        namespace.during(rule(""), () -> {
            namespace.settle(reviews.pod);
            assertThat(get("/").statusCode()).isEqualTo(200);
            HttpResponse<String> good = get("/", "authorization", users.bearer("anna"));
            assertThat(good.statusCode()).isEqualTo(200);
            // Istio's forwardOriginalToken is false unless it says otherwise.
            assertThat(good.body().toLowerCase(java.util.Locale.ROOT)).doesNotContain("authorization=");
            assertThat(get("/", "authorization", new Users().bearer("anna")).statusCode())
                    .isEqualTo(401);
            assertThat(get("/", "authorization", "Bearer nonsense").statusCode())
                    .isEqualTo(401);
        });
    }

    /** istiod asks for the keys, and sends them as if they had been in the rule. */
    @Test
    void keysBehindAUri_areFetchedByIstiod() throws Exception {
        AtomicInteger fetched = new AtomicInteger();
        HttpServer keys = HttpServer.create(new InetSocketAddress(namespace.address(9), 18_090), 0);
        keys.createContext("/keys", exchange -> {
            fetched.incrementAndGet();
            byte[] octets = users.jwks().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, octets.length);
            exchange.getResponseBody().write(octets);
            exchange.close();
        });
        keys.start();
        String byUri = RULE.replace("jwks: 'JWKS', MORE", "jwksUri: \"http://NET.9:18090/keys\"");
        try {
            namespace.during(byUri, () -> {
                namespace.settle(reviews.pod);
                assertThat(fetched).hasPositiveValue();
                assertThat(get("/", "authorization", users.bearer("anna")).statusCode())
                        .isEqualTo(200);
                assertThat(get("/", "authorization", new Users().bearer("anna")).statusCode())
                        .isEqualTo(401);
            });
        } finally {
            keys.stop(0);
        }
    }

    @Test
    void tokenForSomebodyElse_isRefused() throws Exception {
        namespace.during(rule("").replace("audiences: [shop]", "audiences: [bank]"), () -> {
            namespace.settle(reviews.pod);
            assertThat(get("/", "authorization", users.bearer("anna")).statusCode())
                    .isEqualTo(403);
        });
    }

    @Test
    void policyOfClaims_takesTheTokensClaims() throws Exception {
        namespace.during(rule("") + "---\n" + MEMBERS, () -> {
            namespace.settle(reviews.pod);
            assertThat(get("/", "authorization", users.bearer("anna")).statusCode())
                    .isEqualTo(200);
            assertThat(get("/", "authorization", users.bearer("ben")).statusCode())
                    .isEqualTo(403);
            assertThat(get("/").statusCode()).isEqualTo(403);
        });
    }

    @Test
    void tokenIsTaken_whereTheRuleSays() throws Exception {
        String places =
                "fromHeaders: [{name: x-jwt, prefix: \"Token \"}], fromParams: [jwt], forwardOriginalToken: true";
        String token = users.bearer("anna").substring("Bearer ".length());
        namespace.during(rule(places) + "---\n" + MEMBERS, () -> {
            namespace.settle(reviews.pod);
            HttpResponse<String> header = get("/", "x-jwt", "Token " + token);
            assertThat(header.statusCode()).isEqualTo(200);
            assertThat(header.body()).contains("x-jwt=Token ");
            assertThat(get("/?jwt=" + token).statusCode()).isEqualTo(200);
            assertThat(get("/", "authorization", "Bearer " + token).statusCode())
                    .isEqualTo(403);
        });
    }

    @Test
    void claims_goToHeaders_andNobodyElseSetsThem() throws Exception {
        namespace.during(rule("outputClaimToHeaders: [{header: x-sub, claim: sub}]"), () -> {
            namespace.settle(reviews.pod);
            HttpResponse<String> response = get("/", "authorization", users.bearer("anna"), "x-sub", "root");
            assertThat(response.body()).contains("x-sub=anna").doesNotContain("root");
        });
    }
}
