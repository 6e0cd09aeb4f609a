package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** EnvoyFilter: what it puts in is taken as if istiod had, and what is not known on a server's side refuses traffic. */
@ExtendWith(RealIstio.class)
class EnvoyFilterIT {
    private static TestNamespace namespace;
    private static Pod web;
    private static EchoServer reviews;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "filters", 24);
        namespace.service("reviews");
        reviews = namespace.start("reviews", "v1", 11);
        web = namespace.pod("web", 1);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    private static String filter(String app, String context, String filter) {
        return """
                apiVersion: networking.istio.io/v1alpha3
                kind: EnvoyFilter
                metadata: {name: filter}
                spec:
                  workloadSelector: {labels: {app: $APP}}
                  configPatches:
                  - applyTo: HTTP_FILTER
                    match: {context: $CONTEXT, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}
                    patch: {operation: INSERT_BEFORE, value: $FILTER}
                """.replace("$APP", app).replace("$CONTEXT", context).replace("$FILTER", filter);
    }

    private static final String LUA = """
            {name: check, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: {inline_string: "function envoy_on_request(h) h:respond({[':status'] = '403'}, 'no') end"}}}
            """.strip();
    private static final String MUTATION = """
            {name: stamp, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation, mutations: {request_mutations: [{append: {header: {key: x-stamp, value: seen}}}], response_mutations: [{append: {header: {key: x-stamped, value: by-filter}}}]}}}
            """.strip();

    @Test
    void unknownFilterOfAServer_refusesTraffic() throws Exception {
        namespace.during(filter("reviews", "SIDECAR_INBOUND", LUA), () -> {
            namespace.settle(reviews.pod);
            long before = reviews.requests();
            assertThat(web.get("http://reviews:9080/").statusCode()).isNotEqualTo(200);
            assertThat(reviews.requests()).isEqualTo(before);
        });
        namespace.settle(reviews.pod);
        assertThat(web.get("http://reviews:9080/").statusCode()).isEqualTo(200);
    }

    @Test
    void supportedFilterOfAServer_works() throws Exception {
        namespace.during(filter("reviews", "SIDECAR_INBOUND", MUTATION), () -> {
            namespace.settle(reviews.pod);
            HttpResponse<String> response = web.get("http://reviews:9080/");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).contains("x-stamp=seen");
            assertThat(response.headers().firstValue("x-stamped")).contains("by-filter");
        });
    }

    @Test
    void supportedFilterOfAClient_works() throws Exception {
        namespace.during(filter("web", "SIDECAR_OUTBOUND", MUTATION), () -> {
            namespace.settle(web);
            HttpResponse<String> response = web.get("http://reviews:9080/");
            assertThat(response.body()).contains("x-stamp=seen");
            assertThat(response.headers().firstValue("x-stamped")).contains("by-filter");
        });
    }
}
