package io.inmesh.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.serviceUnavailable;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.stubbing.Scenario.STARTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.inmesh.Mesh;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.JwtKeys;
import io.inmesh.model.RetryPolicy;
import io.inmesh.security.JwksFetcher;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Keys from a real server, through the cluster that the configuration has for it. */
@Timeout(180)
class MeshJwksFetcherTest {
    @RegisterExtension
    private final WireMockExtension provider = WireMockExtension.newInstance().build();

    private @Nullable Mesh mesh;
    private @Nullable MeshJwksFetcher fetcher;

    @BeforeEach
    void connect() {
        mesh = Mesh.builder()
                .source(new FixedSource()
                        .cluster(
                                "idp",
                                HttpVersion.HTTP_1,
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), provider.getPort())))
                .jwksFetcher(created -> fetcher = MeshJwksFetcher.create(created))
                .build();
    }

    @AfterEach
    void close() {
        java.util.Objects.requireNonNull(mesh).close();
    }

    @Test
    void fetch_answer200_isItsBodyFromTheClusterWithTheUrisHost() throws Exception {
        provider.stubFor(get("/keys?v=1").willReturn(ok("{\"keys\":[]}")));

        assertThat(fetch("https://idp.example/keys?v=1", "idp", null)).isEqualTo("{\"keys\":[]}");
        provider.verify(getRequestedFor(urlEqualTo("/keys?v=1")).withHeader("host", equalTo("idp.example")));
    }

    @Test
    void fetch_otherStatus_failsWithIt() {
        provider.stubFor(get("/keys").willReturn(serviceUnavailable()));
        assertThatThrownBy(() -> fetch("http://idp.example/keys", "idp", null))
                .hasMessageContaining("the answer is 503");
    }

    @Test
    void fetch_retryPolicy_isFollowed() throws Exception {
        provider.stubFor(get("/keys")
                .inScenario("recovery")
                .whenScenarioStateIs(STARTED)
                .willSetStateTo("recovered")
                .willReturn(serviceUnavailable()));
        provider.stubFor(get("/keys")
                .inScenario("recovery")
                .whenScenarioStateIs("recovered")
                .willReturn(ok("there")));

        RetryPolicy once = RetryPolicy.of(1, RetryPolicy.Condition.FIVE_XX);
        assertThat(fetch("http://idp.example/keys", "idp", once)).isEqualTo("there");
    }

    @Test
    void fetch_moreThanAMegabyte_fails() {
        provider.stubFor(get("/keys").willReturn(ok(" ".repeat(JwksFetcher.MAX_BYTES + 1))));
        assertThatThrownBy(() -> fetch("http://idp.example/keys", "idp", null))
                .hasMessageContaining("more than 1048576");
    }

    @Test
    void fetch_exactlyAMegabyte_isTaken() throws Exception {
        provider.stubFor(get("/keys").willReturn(ok(" ".repeat(JwksFetcher.MAX_BYTES))));
        assertThat(fetch("http://idp.example/keys", "idp", null)).hasSize(JwksFetcher.MAX_BYTES);
    }

    @Test
    void fetch_clusterThatIsNotThere_fails() {
        assertThatThrownBy(() -> fetch("http://idp.example/keys", "gone", null))
                .hasMessageContaining("the answer is 503");
    }

    @Test
    void fetch_slowAnswer_failsInTime() {
        provider.stubFor(
                get("/keys").willReturn(aResponse().withFixedDelay(20_000).withBody("late")));
        assertThatThrownBy(() -> fetch("http://idp.example/keys", "idp", null, Duration.ofSeconds(3)))
                .satisfiesAnyOf(
                        problem -> assertThat(problem).hasMessageContaining("no answer within"),
                        problem -> assertThat(problem).hasMessageContaining("the answer is 504"));
    }

    @Test
    void fetch_meshIsClosed_fails() {
        java.util.Objects.requireNonNull(mesh).close();
        assertThatThrownBy(() -> fetch("http://idp.example/keys", "idp", null)).isNotNull();
    }

    private String fetch(String uri, String cluster, @Nullable RetryPolicy retries) throws Exception {
        return fetch(uri, cluster, retries, Duration.ofSeconds(50));
    }

    private String fetch(String uri, String cluster, @Nullable RetryPolicy retries, Duration timeout) throws Exception {
        JwtKeys.Remote source = new JwtKeys.Remote(uri, cluster, timeout, Duration.ofMinutes(10), null, retries);
        byte[] body = java.util.Objects.requireNonNull(fetcher)
                .fetch(source)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        return new String(body, StandardCharsets.UTF_8);
    }
}
