package io.inmesh.xds.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KumaRestTest {
    /** As a kuma-cp 2.14.3 answers. */
    private static final String REFUSAL = """
            {"type":"/std-errors","status":400,"title":"Could not process a resource","detail":"Resource is not valid",
             "invalid_parameters":[{"field":"networking.address","reason":"must not be 0.0.0.0 or ::"}]}""";

    private static final KumaDataplane ORDERS = KumaDataplane.builder("shop", "orders-1", "127.0.0.2")
            .http(18080, "http")
            .build();

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private volatile String answer = "{}";
    private HttpServer server;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("authorization");
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI()
                + (token == null ? "" : " " + token) + " "
                + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private KumaRest rest() {
        return KumaRest.at("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Test
    void put_refused_tellsFieldAndReason() {
        status = 400;
        answer = REFUSAL;
        assertThatThrownBy(() -> rest().put(ORDERS))
                .isInstanceOf(KumaRestException.class)
                .hasMessageContaining(
                        "PUT meshes/shop/dataplanes/orders-1: 400 Could not process a resource (Resource is"
                                + " not valid): networking.address: must not be 0.0.0.0 or ::");
    }

    /** As a kuma-cp 3.0.0-dev answers to a MeshService of 2.14. */
    @Test
    void put_takenWithAWarning_tellsIt() throws Exception {
        status = 201;
        answer = """
                {
                 "warnings": [
                  "MeshService resource 'orders-v1' has no selector, so it matches no data plane proxies."
                 ]
                }
                """;
        assertThat(rest().put("meshes/shop/meshservices/orders-v1", "{}"))
                .containsExactly(
                        "MeshService resource 'orders-v1' has no selector, so it matches no data plane proxies.");
        answer = "{}\n";
        assertThat(rest().put("meshes/shop/meshservices/orders-v1", "{}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            {"product":"Kuma","version":"2.14.3"}                       | 2.14.3
            {"product":"Kuma","version":"3.0.0-dev"}                    | 3.0.0-dev
            {"product":"Other","version":"2.14.0","basedOnKuma":"3.0.0"} | 3.0.0
            <html>hello</html>                                          | -
            """)
    void version_isKumas(String index, @Nullable String expected) throws Exception {
        answer = index;
        assertThat(rest().version()).isEqualTo(expected == null ? "" : expected);
        assertThat(requests).containsExactly("GET / ");
    }

    @Test
    void refusedInOtherWords_areShownAsTheyAre() {
        status = 502;
        answer = "<html>bad gateway</html>";
        assertThatThrownBy(() -> rest().get("meshes"))
                .isInstanceOfSatisfying(
                        KumaRestException.class, e -> assertThat(e.status()).isEqualTo(502))
                .hasMessageContaining("502 <html>bad gateway</html>");
    }

    @Test
    void delete_notThere_isNoFailure() throws Exception {
        status = 404;
        rest().delete(ORDERS);
        assertThat(requests).containsExactly("DELETE /meshes/shop/dataplanes/orders-1 ");
        status = 403;
        assertThatThrownBy(() -> rest().delete(ORDERS)).isInstanceOf(KumaRestException.class);
    }

    @Test
    void userToken_isReadAnewForEachRequest() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "one\n");
        KumaRest rest = rest().withUserToken(token);
        rest.get("meshes");
        Files.writeString(token, "two");
        rest.get("meshes");
        assertThat(requests).containsExactly("GET /meshes Bearer one ", "GET /meshes Bearer two ");
    }

    @Test
    void userToken_toAnotherMachineInTheClear_isRefused() {
        assertThatThrownBy(() -> KumaRest.at("http://kuma-cp.example:5681").withUserToken(Path.of("token")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("in the clear");
    }

    @Test
    void registration_followsReadiness_andTakesItsLeave() throws Exception {
        try (KumaRegistration registration = rest().register(ORDERS.in(KumaDataplane.State.NOT_READY))) {
            assertThat(requests.get(0)).startsWith("PUT").contains("\"state\":\"NotReady\"");
            registration.ready(true);
            await().until(() -> requests.size() == 2);
            assertThat(requests.get(1)).startsWith("PUT").doesNotContain("state");
            registration.ready(true);
            registration.ready(false);
            await().until(() -> requests.size() == 3);
            assertThat(requests.get(2)).contains("\"state\":\"NotReady\"");
        }
        assertThat(requests).hasSize(4);
        assertThat(requests.get(3)).startsWith("DELETE /meshes/shop/dataplanes/orders-1");
    }

    @Test
    void registration_kumaCpIsAway_saysTheNewestWhenItIsBack() throws Exception {
        int port = server.getAddress().getPort();
        try (KumaRegistration registration = rest().register(ORDERS)) {
            server.stop(0);
            registration.ready(false);
            registration.ready(true);
            registration.ready(false);
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            server.createContext("/", this::answer);
            server.start();
            // One of the requests of before may still have come.
            await().until(() ->
                    requests.size() > 1 && requests.get(requests.size() - 1).contains("\"state\":\"NotReady\""));
        }
    }
}
