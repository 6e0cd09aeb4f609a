package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PeerAuthentication: who may come to a server, and how our own clients go to it; trust domains. */
@ExtendWith(RealIstio.class)
class PeerAuthenticationIT {
    private static final String MESH = "spiffe://cluster.local/ns/peers/sa/web";

    private static TestNamespace namespace;
    private static Pod web;
    private static EchoServer reviews;
    private static EchoServer other;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "peers", 21);
        namespace.service("reviews");
        reviews = namespace.start("reviews", "v1", 11);
        other = namespace.own(new EchoServer(reviews.pod, 19090));
        web = namespace.pod("web", 1);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    /** The first two are what a client of the mesh and one outside of it get at port 9080, the others at 9090. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mtls: {mode: STRICT}                                             | TLS   | refused | TLS   | refused
            mtls: {mode: PERMISSIVE}                                         | TLS   | clear   | TLS   | clear
            mtls: {mode: DISABLE}                                            | clear | clear   | clear | clear
            mtls: {mode: STRICT}, portLevelMtls: {19090: {mode: PERMISSIVE}} | TLS   | refused | TLS   | clear
            mtls: {mode: STRICT}, portLevelMtls: {19090: {mode: DISABLE}}    | TLS   | refused | clear | clear
            mtls: {mode: PERMISSIVE}, portLevelMtls: {19090: {mode: STRICT}} | TLS   | clear   | TLS   | refused
            """)
    void mode_decidesWhoComesInAndHow(
            String policy, String inside, String outside, String insideOther, String outsideOther) throws Exception {
        namespace.during(policy(policy), () -> {
            namespace.settle(reviews.pod, web);
            assertThat(caller(web.get("http://reviews:9080/"))).isEqualTo(inside);
            assertThat(plain(19080)).isEqualTo(outside);
            assertThat(caller(web.get("http://reviews:9090/"))).isEqualTo(insideOther);
            assertThat(plain(19090)).isEqualTo(outsideOther);
        });
        assertThat(other.requests()).isPositive();
    }

    private static String policy(String spec) {
        return """
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: reviews}
                spec: {selector: {matchLabels: {app: reviews}}, SPEC}
                """.replace("SPEC", spec.replace("19090:", "\"19090\":"));
    }

    private static String caller(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        String caller = response.headers().firstValue("x-caller").orElse("");
        return caller.equals(MESH) ? "TLS" : caller.equals("nobody") ? "clear" : caller;
    }

    private static String plain(int port) throws InterruptedException {
        try {
            return caller(PlainClient.get("http://" + reviews.pod.address + ":" + port + "/"));
        } catch (IOException e) {
            return "refused";
        }
    }

    @Test
    void noPolicy_bothAreServed_asPermissive() throws Exception {
        namespace.settle(reviews.pod, web);
        assertThat(caller(web.get("http://reviews:9080/"))).isEqualTo("TLS");
        assertThat(plain(19080)).isEqualTo("clear");
    }

    /** The chains that istiod has for such ports carry its policies, too. */
    @Test
    void portOfNoService_isUnderTheSameRules() throws Exception {
        String deny = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: closed}
                spec: {selector: {matchLabels: {app: reviews}}, action: DENY, rules: [{to: [{operation: {paths: [/closed]}}]}]}
                """;
        try (EchoServer unknown = new EchoServer(reviews.pod, 19555)) {
            namespace.settle(reviews.pod);
            assertThat(plain(19555)).isEqualTo("clear");
            namespace.during(deny, () -> {
                namespace.settle(reviews.pod);
                String closed = "http://" + reviews.pod.address + ":19555/closed";
                assertThat(PlainClient.get(closed).statusCode()).isEqualTo(403);
                assertThat(plain(19555)).isEqualTo("clear");
            });
            namespace.during(policy("mtls: {mode: STRICT}"), () -> {
                namespace.settle(reviews.pod);
                assertThat(plain(19555)).isEqualTo("refused");
            });
            assertThat(unknown.requests()).isPositive();
        }
    }

    @Test
    void aliasOfTheTrustDomain_isTrusted_anyOtherIsNot() throws Exception {
        namespace.during(policy("mtls: {mode: STRICT}"), () -> {
            try (Pod alias = withIdentity("spiffe://old.local/ns/peers/sa/web", 2);
                    Pod foreign = withIdentity("spiffe://elsewhere.example/ns/peers/sa/web", 3)) {
                namespace.settle(reviews.pod);
                eventually(() -> {
                    HttpResponse<String> response = alias.get("http://reviews:9080/");
                    assertThat(response.statusCode()).isEqualTo(200);
                    assertThat(response.headers().firstValue("x-caller"))
                            .contains("spiffe://old.local/ns/peers/sa/web");
                });
                long before = reviews.requests();
                assertThat(foreign.get("http://reviews:9080/").statusCode()).isEqualTo(503);
                assertThat(reviews.requests()).isEqualTo(before);
            }
        });
    }

    /** Of the mesh's authority, but not what istiod would issue for the account. */
    private static Pod withIdentity(String spiffeId, int address) throws Exception {
        return Pod.start(
                namespace.controlPlane,
                namespace.name,
                "web",
                namespace.address(address),
                source -> source.identity(OwnCertificate.of(namespace.controlPlane, spiffeId, Duration.ofHours(1))));
    }

    @Test
    void certificateOfAnotherAuthority_isRefused() throws Exception {
        namespace.during(policy("mtls: {mode: STRICT}"), () -> {
            namespace.settle(reviews.pod);
            assertThatThrownBy(() -> PlainClient.get("http://" + reviews.pod.address + ":19080/"))
                    .isInstanceOf(IOException.class);
            try (Pod forged = Pod.start(
                    namespace.controlPlane,
                    namespace.name,
                    "web",
                    namespace.address(4),
                    source -> source.identity(OwnCertificate.forged(namespace.controlPlane, MESH)))) {
                long before = reviews.requests();
                assertThat(forged.get("http://reviews:9080/").statusCode()).isEqualTo(503);
                assertThat(reviews.requests()).isEqualTo(before);
            }
        });
    }
}
