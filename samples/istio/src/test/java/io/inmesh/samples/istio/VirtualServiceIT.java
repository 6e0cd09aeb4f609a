package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.MeshHttpResponse;
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

/** VirtualService: where requests go, and what becomes of them on the way. */
@ExtendWith(RealIstio.class)
class VirtualServiceIT {
    private static final String ROUTES =
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews}
            spec:
              hosts: [reviews.NS.svc.cluster.local]
              http:
              - {match: [{uri: {exact: /exact}}], route: [TWO]}
              - {match: [{uri: {prefix: /prefix/}}], route: [TWO]}
              - {match: [{uri: {regex: "/regex/[0-9]+"}}], route: [TWO]}
              - {match: [{uri: {exact: /UPPER}, ignoreUriCase: true}], route: [TWO]}
              - {match: [{uri: {exact: /header}, headers: {x-user: {exact: ben}}}], route: [TWO]}
              - {match: [{uri: {exact: /header}, headers: {x-user: {prefix: adm}}}], route: [TWO]}
              - {match: [{uri: {exact: /header}, headers: {x-user: {regex: "c.+e"}}}], route: [TWO]}
              - {match: [{uri: {exact: /present}, headers: {x-user: {}}}], route: [TWO]}
              - {match: [{uri: {exact: /without}, withoutHeaders: {x-user: {exact: ben}}}], route: [TWO]}
              - {match: [{uri: {exact: /method}, method: {exact: PUT}}], route: [TWO]}
              - {match: [{uri: {exact: /query}, queryParams: {debug: {exact: "true"}}}], route: [TWO]}
              - {match: [{uri: {exact: /authority}, authority: {exact: "reviews:9080"}}], route: [TWO]}
              - {match: [{uri: {exact: /scheme}, scheme: {exact: http}}], route: [TWO]}
              - {match: [{uri: {exact: /labels}, sourceLabels: {app: web}}], route: [TWO]}
              - {match: [{uri: {exact: /labels-of-others}, sourceLabels: {app: batch}}], route: [TWO]}
              - {match: [{uri: {exact: /port}, port: 9080}], route: [TWO]}
              - {match: [{uri: {exact: /either}, headers: {x-user: {exact: ben}}}, {uri: {exact: /or}}], route: [TWO]}
              - {match: [{uri: {prefix: /rewritten/}}], rewrite: {uri: /new/}, route: [TWO]}
              - {match: [{uri: {prefix: /by-regex/}}], rewrite: {uriRegexRewrite: {match: "^/by-regex/([0-9]+)/(.*)$", rewrite: "/v\\\\1/\\\\2"}}, route: [TWO]}
              - {match: [{uri: {exact: /host}}], rewrite: {authority: elsewhere.example}, route: [TWO]}
              - {match: [{uri: {exact: /redirected}}], redirect: {uri: /there, authority: other.example, redirectCode: 308}}
              - {match: [{uri: {exact: /teapot}}], directResponse: {status: 418, body: {string: short and stout}}}
              - match: [{uri: {exact: /stamped}}]
                headers: {request: {set: {x-set: mesh}, add: {x-add: more}, remove: [x-secret]}, response: {set: {x-served: mesh}, remove: [x-pod]}}
                route: [TWO]
              - match: [{uri: {exact: /stamped-destination}}]
                route:
                - destination: {host: reviews.NS.svc.cluster.local, subset: v2}
                  headers: {request: {set: {x-set: destination}}, response: {add: {x-served: destination}}}
              - {match: [{uri: {exact: /slow}}], timeout: 2s, route: [TWO]}
              - {match: [{uri: {exact: /retried}}], retries: {attempts: 3, retryOn: "503", backoff: 10ms}, route: [TWO]}
              - {match: [{uri: {exact: /retried-slow}}], retries: {attempts: 2, perTryTimeout: 200ms, retryOn: "5xx"}, route: [TWO]}
              - {match: [{uri: {exact: /never}}], retries: {attempts: 0}, route: [TWO]}
              - {name: otherwise, route: [{destination: {host: reviews.NS.svc.cluster.local, subset: v1}}]}
            """.replace("TWO", "{destination: {host: reviews.NS.svc.cluster.local, subset: v2}}");

    private static TestNamespace namespace;
    private static Pod web;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "routes", 25);
        namespace.service("reviews");
        namespace.apply(ROUTES);
        namespace.apply("""
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: reviews}
                spec:
                  host: reviews.NS.svc.cluster.local
                  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
                """);
        namespace.start("reviews", "v1", 11);
        namespace.start("reviews", "v2", 12);
        web = namespace.pod("web", 1);
        namespace.settle(web);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    private static HttpResponse<String> send(String request, String... headers)
            throws IOException, InterruptedException {
        String[] parts = request.split(" ");
        return web.send(parts[0], "http://reviews:9080" + parts[1], headers);
    }

    private static String version(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        return response.headers().firstValue("x-pod").orElse("").endsWith(".11") ? "v1" : "v2";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /                  |       | v1
            GET /exact             |       | v2
            GET /exact/            |       | v1
            GET /Exact             |       | v1
            GET /prefix/a?b=c      |       | v2
            GET /prefix            |       | v1
            GET /regex/17          |       | v2
            GET /regex/17a         |       | v1
            GET /uPPer             |       | v2
            GET /header            | ben   | v2
            GET /header            | benn  | v1
            GET /header            | admin | v2
            GET /header            | coffee| v2
            GET /present           | any   | v2
            GET /present           |       | v1
            GET /without           | ben   | v1
            GET /without           | eve   | v2
            GET /without           |       | v2
            PUT /method            |       | v2
            GET /method            |       | v1
            GET /query?debug=true  |       | v2
            GET /query?debug=no    |       | v1
            GET /authority         |       | v2
            GET /scheme            |       | v2
            GET /labels            |       | v2
            GET /labels-of-others  |       | v1
            GET /port              |       | v2
            GET /either            | ben   | v2
            GET /either            |       | v1
            GET /or                |       | v2
            """)
    void match_choosesTheRoute(String request, String user, String version) throws Exception {
        String[] headers = user == null ? new String[0] : new String[] {"x-user", user};
        assertThat(version(send(request, headers))).isEqualTo(version);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /rewritten/a?b=c   | GET /new/a?b=c
            GET /by-regex/7/x      | GET /v7/x
            GET /host              | host=elsewhere.example
            """)
    void rewrite_isWhatTheServerSees(String request, String seen) throws Exception {
        assertThat(send(request).body()).contains(seen);
    }

    @Test
    void redirect_isTheAnswer() throws Exception {
        HttpResponse<String> response = send("GET /redirected");
        assertThat(response.statusCode()).isEqualTo(308);
        assertThat(response.headers().firstValue("location")).contains("http://other.example/there");
    }

    @Test
    void directResponse_isTheAnswer() throws Exception {
        HttpResponse<String> response = send("GET /teapot");
        assertThat(response.statusCode()).isEqualTo(418);
        assertThat(response.body()).isEqualTo("short and stout");
    }

    @Test
    void headerOperations_changeBothWays() throws Exception {
        HttpResponse<String> response = send("GET /stamped", "x-secret", "s", "x-set", "mine", "x-add", "mine");
        assertThat(response.body())
                .contains("x-set=mesh", "x-add=mine", "x-add=more")
                .doesNotContain("x-secret", "x-set=mine");
        assertThat(response.headers().firstValue("x-served")).contains("mesh");
        assertThat(response.headers().firstValue("x-pod")).isEmpty();
        HttpResponse<String> destination = send("GET /stamped-destination");
        assertThat(destination.body()).contains("x-set=destination");
        assertThat(destination.headers().firstValue("x-served")).contains("destination");
    }

    @Test
    void timeout_endsTheWait() throws Exception {
        long start = System.nanoTime();
        assertThat(send("GET /slow", "x-delay", "20000").statusCode()).isEqualTo(504);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
        assertThat(send("GET /slow", "x-delay", "1").statusCode()).isEqualTo(200);
    }

    @Test
    void retries_areMadeAsOftenAsSaid() throws Exception {
        HttpResponse<String> third = send("GET /retried", "x-name", "a", "x-answer", "503", "x-fail-first", "3");
        assertThat(third.statusCode()).isEqualTo(200);
        assertThat(MeshHttpResponse.of(third).mesh().attempts()).isEqualTo(4);
        assertThat(send("GET /retried", "x-name", "b", "x-answer", "503", "x-fail-first", "4")
                        .statusCode())
                .isEqualTo(503);
        assertThat(send("GET /never", "x-name", "c", "x-answer", "503", "x-fail-first", "1")
                        .statusCode())
                .isEqualTo(503);
        // By default 503 of the application is no reason: only what cannot have been processed is tried again.
        assertThat(send("GET /", "x-name", "d", "x-answer", "503", "x-fail-first", "1")
                        .statusCode())
                .isEqualTo(503);
    }

    @Test
    void timeoutOfATry_isTriedAgain() throws Exception {
        HttpResponse<String> response = send("GET /retried-slow", "x-delay", "5000");
        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(MeshHttpResponse.of(response).mesh().attempts()).isEqualTo(3);
    }

    @Test
    void weights_areShares() throws Exception {
        String canary = """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: reviews}
                spec:
                  hosts: [reviews.NS.svc.cluster.local]
                  http:
                  - route:
                    - {destination: {host: reviews.NS.svc.cluster.local, subset: v1}, weight: 80}
                    - {destination: {host: reviews.NS.svc.cluster.local, subset: v2}, weight: 20}
                """;
        try {
            namespace.apply(canary);
            namespace.settle(web);
            int requests = 2000;
            int second = 0;
            for (int i = 0; i < requests; i++) {
                second += version(send("GET /")).equals("v2") ? 1 : 0;
            }
            // Five standard deviations of a fair choice.
            assertThat(second / (double) requests).isBetween(0.2 - 5 * 0.00894, 0.2 + 5 * 0.00894);
        } finally {
            namespace.apply(ROUTES);
        }
        namespace.settle(web);
    }
}
