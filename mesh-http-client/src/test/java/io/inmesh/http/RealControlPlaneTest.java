package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.inmesh.Mesh;
import io.inmesh.MeshException;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.testing.ControlPlane;
import io.inmesh.xds.testing.Resources;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests through configuration that a real control plane has sent. */
@Timeout(180)
class RealControlPlaneTest {
    private static final URI ORDERS = URI.create("http://orders.example:8080/items");

    private final HttpTestServer v1 = HttpTestServer.start(request -> Response.ok("v1 " + request.header("host")));
    private final HttpTestServer v2 = HttpTestServer.start(request -> Response.ok("v2 " + request.header("host")));
    private final ControlPlane controlPlane = ControlPlane.start();

    @AfterEach
    void close() {
        controlPlane.close();
        v1.close();
        v2.close();
    }

    @Test
    void send_endpointsMove_followsThemAndKeepsThemWhenTheControlPlaneIsGone() throws Exception {
        controlPlane.set(resources(v1.port()));
        try (Mesh mesh = mesh(XdsDialect.envoy());
                MeshHttpClient client = MeshHttpClient.create(mesh)) {
            assertThat(get(client, ORDERS).body()).isEqualTo("v1 orders.example:8080");
            controlPlane.set(resources(v2.port()));
            Awaitility.await().until(() -> get(client, ORDERS).body().startsWith("v2"));
            controlPlane.stop();
            assertThat(get(client, ORDERS).body()).startsWith("v2");
            assertThat(MeshHttpResponse.of(get(client, ORDERS))
                            .mesh()
                            .explanation()
                            .cluster())
                    .isEqualTo("orders");
        }
    }

    @Test
    void sendAsync_firstRequestBeforeTheConfiguration_waitsForIt() throws Exception {
        try (Mesh mesh = mesh(XdsDialect.envoy());
                MeshHttpClient client = MeshHttpClient.create(mesh)) {
            var early = client.sendAsync(HttpRequest.newBuilder(ORDERS).build(), BodyHandlers.ofString());
            controlPlane.set(resources(v1.port()));
            Awaitility.await().until(early::isDone);
            assertThat(early.get().body()).startsWith("v1");
        }
    }

    @Test
    void send_portOfNoListener_isRefusedWithAReason() throws Exception {
        controlPlane.set(resources(v1.port()));
        try (Mesh mesh = mesh(XdsDialect.envoy());
                MeshHttpClient client = MeshHttpClient.create(mesh)) {
            assertThatThrownBy(() -> get(client, URI.create("http://orders.example:9999/")))
                    .isInstanceOf(MeshException.class)
                    .hasMessageContaining("9999");
        }
    }

    @Test
    void send_apiListener_isAskedForOnFirstUse() throws Exception {
        controlPlane.set(
                Resources.apiListener("orders.example:8080", "orders-routes"),
                Resources.routes("orders-routes", "orders", "*"),
                Resources.cluster("orders"),
                Resources.endpoints("orders", v1.port()));
        try (Mesh mesh = mesh(XdsDialect.grpc());
                MeshHttpClient client = MeshHttpClient.create(mesh)) {
            assertThat(get(client, ORDERS).body()).startsWith("v1");
        }
    }

    private static HttpResponse<String> get(MeshHttpClient client, URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private Mesh mesh(XdsDialect dialect) {
        return Mesh.builder()
                .source(XdsSource.builder()
                        .server(controlPlane.target())
                        .node("client", "tests")
                        .dialect(dialect)
                        .build())
                .build();
    }

    private static Message[] resources(int port) {
        return new Message[] {
            Resources.listener("outbound", 8080, "routes"),
            Resources.routes("routes", "orders", "orders.example", "orders.example:*"),
            Resources.cluster("orders"),
            Resources.endpoints("orders", port)
        };
    }
}
