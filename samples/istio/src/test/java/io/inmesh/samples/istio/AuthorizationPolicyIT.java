package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AuthorizationPolicy: who may do what. */
@ExtendWith(RealIstio.class)
class AuthorizationPolicyIT {
    private static TestNamespace namespace;
    private static Pod web;
    private static Pod batch;
    private static EchoServer reviews;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "access", 22);
        namespace.service("reviews");
        reviews = namespace.start("reviews", "v1", 11);
        web = namespace.pod("web", 1);
        batch = namespace.pod("batch", 2);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    private static String policy(String action, String rules) {
        return """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: policy}
                spec:
                  selector: {matchLabels: {app: reviews}}
                  action: ACTION
                  rules: RULES
                """.replace("ACTION", action).replace("RULES", rules);
    }

    /** Each policy with a request that it allows or leaves alone, and one that it refuses. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ALLOW | [{from: [{source: {principals: [cluster.local/ns/access/sa/web]}}]}]              | web GET /           | batch GET /
            ALLOW | [{from: [{source: {principals: ["*/sa/web"]}}]}]                                  | web GET /           | batch GET /
            ALLOW | [{from: [{source: {notPrincipals: [cluster.local/ns/access/sa/batch]}}]}]         | web GET /           | batch GET /
            ALLOW | [{from: [{source: {serviceAccounts: [access/web]}}]}]                             | web GET /           | batch GET /
            DENY  | [{from: [{source: {serviceAccounts: [batch]}}]}]                                  | web GET /           | batch GET /
            ALLOW | [{from: [{source: {namespaces: [access], principals: ["*"]}}], to: [{operation: {methods: [GET]}}]}] | web GET / | web POST /
            DENY  | [{from: [{source: {notNamespaces: [elsewhere]}}], to: [{operation: {paths: [/admin]}}]}] | web GET /        | web GET /admin
            ALLOW | [{to: [{operation: {paths: [/api/*]}}]}]                                          | web GET /api/x?q=1  | web GET /apix
            ALLOW | [{to: [{operation: {paths: ["*/info"]}}]}]                                        | web GET /a/info     | web GET /info/a
            ALLOW | [{to: [{operation: {paths: ["/a/{*}/c"]}}]}]                                      | web GET /a/b/c      | web GET /a/b/b/c
            DENY  | [{to: [{operation: {notPaths: [/open]}}]}]                                        | web GET /open       | web GET /other
            DENY  | [{to: [{operation: {paths: [/secret]}}]}]                                         | web GET /           | web GET /x/../secret
            DENY  | [{to: [{operation: {methods: [DELETE]}}]}]                                        | web GET /           | web DELETE /
            ALLOW | [{to: [{operation: {notMethods: [DELETE]}}]}]                                     | web GET /           | web DELETE /
            ALLOW | [{to: [{operation: {hosts: ["reviews:9080"]}}]}]                                  | web GET /           | web GET / host
            DENY  | [{to: [{operation: {ports: ["19080"], paths: [/port]}}]}]                         | web GET /           | web GET /port
            ALLOW | [{when: [{key: "request.headers[x-token]", values: ["ok*"]}]}]                    | web GET / x-token=okay | web GET / x-token=no
            DENY  | [{when: [{key: "request.headers[x-token]", notValues: [ok]}]}]                    | web GET / x-token=ok | web GET / x-token=no
            ALLOW | [{when: [{key: source.principal, values: ["*/sa/web"]}]}]                         | web GET /           | batch GET /
            ALLOW | [{when: [{key: source.namespace, values: [access]}, {key: "request.headers[x-token]", values: [a]}]}] | web GET / x-token=a | web GET / x-token=b
            ALLOW | [{from: [{source: {ipBlocks: [127.0.0.0/8]}}], to: [{operation: {paths: [/ip]}}]}] | web GET /ip        | web GET /
            DENY  | [{from: [{source: {ipBlocks: [127.0.0.0/8], notIpBlocks: [127.0.0.0/9]}}]}, {to: [{operation: {paths: [/no]}}]}] | web GET / | web GET /no
            ALLOW | [{when: [{key: destination.port, values: ["19080"]}], to: [{operation: {paths: [/here]}}]}] | web GET /here | web GET /there
            ALLOW | [{when: [{key: connection.sni, values: ["outbound_.9080_._.reviews*"]}], to: [{operation: {methods: [GET]}}]}] | web GET / | web PUT /
            """)
    void rule_decides(String action, String rules, String served, String refused) throws Exception {
        namespace.during(policy(action, rules), () -> {
            namespace.settle(reviews.pod);
            assertThat(status(served)).as(served).isEqualTo(200);
            long before = reviews.requests();
            assertThat(status(refused)).as(refused).isEqualTo(403);
            assertThat(reviews.requests()).isEqualTo(before);
        });
    }

    /** {@code WHO METHOD PATH [host | NAME=VALUE]}. */
    private static int status(String request) throws IOException, InterruptedException {
        String[] parts = request.split(" ");
        String more = parts.length > 3 ? parts[3] : "x-none=x";
        String host = more.equals("host") ? "reviews.access.svc.cluster.local" : "reviews";
        String[] header = more.equals("host") ? new String[0] : more.split("=");
        Pod caller = parts[0].equals("web") ? web : batch;
        HttpResponse<String> response = caller.send(parts[1], "http://" + host + ":9080" + parts[2], header);
        return response.statusCode();
    }

    @Test
    void allowNothing_deniesEverybody() throws Exception {
        namespace.during("""
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: policy}
                spec: {}
                """, () -> {
            namespace.settle(reviews.pod);
            assertThat(status("web GET /")).isEqualTo(403);
            assertThat(status("batch GET /")).isEqualTo(403);
        });
    }

    @Test
    void anEmptyRule_allowsEverybody() throws Exception {
        namespace.during(policy("ALLOW", "[{}]"), () -> {
            namespace.settle(reviews.pod);
            assertThat(status("batch DELETE /")).isEqualTo(200);
        });
    }

    @Test
    void denyGoesBeforeAllow() throws Exception {
        namespace.during(
                policy("ALLOW", "[{}]") + "---\n"
                        + policy("DENY", "[{to: [{operation: {paths: [/no]}}]}]")
                                .replace("name: policy", "name: deny"),
                () -> {
                    namespace.settle(reviews.pod);
                    assertThat(status("web GET /")).isEqualTo(200);
                    assertThat(status("web GET /no")).isEqualTo(403);
                });
    }

    @Test
    void audit_refusesNobody() throws Exception {
        namespace.during(policy("AUDIT", "[{to: [{operation: {paths: [/audited]}}]}]"), () -> {
            namespace.settle(reviews.pod);
            assertThat(status("web GET /audited")).isEqualTo(200);
            assertThat(status("web GET /")).isEqualTo(200);
        });
    }

    @Test
    void dryRun_refusesNobody() throws Exception {
        String dry = "name: policy, annotations: {istio.io/dry-run: \"true\"}";
        namespace.during(
                policy("DENY", "[{to: [{operation: {paths: [/dry]}}]}]").replace("name: policy", dry), () -> {
                    namespace.settle(reviews.pod);
                    assertThat(status("web GET /dry")).isEqualTo(200);
                });
    }

    @Test
    void custom_refusesAll_becauseNobodyCanBeAsked() throws Exception {
        String custom = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: policy}
                spec:
                  selector: {matchLabels: {app: reviews}}
                  action: CUSTOM
                  provider: {name: asks-elsewhere}
                  rules: [{to: [{operation: {paths: [/custom]}}]}]
                """;
        namespace.during(custom, () -> {
            namespace.settle(reviews.pod);
            long before = reviews.requests();
            assertThat(status("web GET /custom")).isNotEqualTo(200);
            assertThat(reviews.requests()).isEqualTo(before);
        });
        namespace.settle(reviews.pod);
        assertThat(status("web GET /custom")).isEqualTo(200);
    }

    @Test
    void policyOfTheRootNamespace_countsEverywhere() throws Exception {
        String root = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: nobody-at-forbidden, namespace: istio-system}
                spec: {action: DENY, rules: [{to: [{operation: {paths: [/forbidden-everywhere]}}]}]}
                """;
        namespace.during(root, () -> {
            namespace.settle(reviews.pod);
            assertThat(status("web GET /forbidden-everywhere")).isEqualTo(403);
            assertThat(status("web GET /")).isEqualTo(200);
        });
    }
}
