package io.inmesh.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.serviceUnavailable;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.stubbing.Scenario.STARTED;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.Mesh;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.testing.ControlPlane;
import io.inmesh.xds.testing.Resources;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A stubbed API that fails at first, behind a route that an xDS server sent: what the application sees. */
@Timeout(180)
class RetryThroughMeshTest {
    private static final URI PAYMENTS = URI.create("http://payments:8080/charge");
    private static final String CHARGE = "{\"amount\": 12}";

    @RegisterExtension
    private final WireMockExtension api = WireMockExtension.newInstance().build();

    private final ControlPlane controlPlane = ControlPlane.start();
    private final Mesh mesh = Mesh.builder()
            .source(XdsSource.builder().server(controlPlane.target()).build())
            .build();
    private final MeshHttpClient client = MeshHttpClient.create(mesh);

    @BeforeEach
    void serve() {
        controlPlane.set(
                Resources.listener("outbound", 8080, "payments"),
                routes(),
                Resources.cluster("payments"),
                Resources.endpoints("payments", api.getPort()));
    }

    @AfterEach
    void close() {
        client.close();
        mesh.close();
        controlPlane.close();
    }

    @Test
    void send_firstAnswerUnavailable_isSentAgainWithItsBody() throws Exception {
        api.stubFor(firstly(post("/charge"), serviceUnavailable()));
        api.stubFor(then(post("/charge"), ok("charged")));

        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(PAYMENTS)
                        .POST(BodyPublishers.ofString(CHARGE))
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.body()).isEqualTo("charged");
        assertThat(MeshHttpResponse.of(response).mesh().attempts()).isEqualTo(2);
        api.verify(2, postRequestedFor(urlEqualTo("/charge")).withRequestBody(equalToJson(CHARGE)));
    }

    @Test
    void send_connectionReset_isSentAgain() throws Exception {
        api.stubFor(firstly(get("/charge"), aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
        api.stubFor(then(get("/charge"), ok("there")));

        assertThat(client.send(HttpRequest.newBuilder(PAYMENTS).build(), BodyHandlers.ofString())
                        .body())
                .isEqualTo("there");
    }

    @Test
    void send_neverAvailable_isTheLastAnswerWithItsFlag() throws Exception {
        api.stubFor(get("/charge").willReturn(serviceUnavailable()));

        HttpResponse<String> response =
                client.send(HttpRequest.newBuilder(PAYMENTS).build(), BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(MeshHttpResponse.of(response).mesh().flags())
                .containsExactly(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
        assertThat(MeshHttpResponse.of(response).mesh().attempts()).isEqualTo(3);
    }

    private static MappingBuilder firstly(MappingBuilder request, ResponseDefinitionBuilder response) {
        return request.inScenario("recovery")
                .whenScenarioStateIs(STARTED)
                .willSetStateTo("recovered")
                .willReturn(response);
    }

    private static MappingBuilder then(MappingBuilder request, ResponseDefinitionBuilder response) {
        return request.inScenario("recovery").whenScenarioStateIs("recovered").willReturn(response);
    }

    private static RouteConfiguration routes() {
        RouteConfiguration.Builder table = Resources.routes("payments", "payments", "payments:8080").toBuilder();
        table.getVirtualHostsBuilder(0)
                .getRoutesBuilder(0)
                .getRouteBuilder()
                .setRetryPolicy(RetryPolicy.newBuilder()
                        .setRetryOn("5xx")
                        .setNumRetries(UInt32Value.of(2))
                        .setRetryBackOff(
                                RetryPolicy.RetryBackOff.newBuilder().setBaseInterval(Durations.fromMillis(1))));
        return table.build();
    }
}
