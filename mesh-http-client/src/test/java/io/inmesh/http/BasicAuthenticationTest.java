package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Mesh;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Request;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the comparison with the JDK's client does not reach: memory over several requests, proxies, and challenges by the letter. */
@Timeout(180)
class BasicAuthenticationTest {
    private final EchoHandler handler = new EchoHandler();
    private final HttpTestServer server = HttpTestServer.start(handler);
    private final Mesh mesh = new FixedSource().passthrough("127.0.0.1").mesh();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicReference<String> realm = new AtomicReference<>();
    private final MeshHttpClient client = MeshHttpClient.newBuilder(mesh)
            .authenticator(new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                    asked.incrementAndGet();
                    realm.set(getRequestingPrompt());
                    return new PasswordAuthentication("user", "pass".toCharArray());
                }
            })
            .build();

    @AfterEach
    void close() {
        client.close();
        mesh.close();
        server.close();
    }

    @Test
    void send_credentialsAccepted_areSentUnaskedFromThenOn() throws Exception {
        assertThat(get("/basic").body()).isEqualTo("welcome");
        handler.takeSeen();
        assertThat(get("/basic").body()).isEqualTo("welcome");
        assertThat(handler.takeSeen()).hasSize(1);
        assertThat(asked).hasValue(1);
        assertThat(realm).hasValue("a, b");
    }

    @Test
    void send_credentialsOfTheApplicationsOwn_areLeftAlone() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri("/basic"))
                .header("Authorization", "Basic wrong")
                .build();
        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
        assertThat(asked).hasValue(0);
    }

    @Test
    void send_proxyWantsCredentials_getsThem() throws Exception {
        assertThat(get("/proxy-basic").body()).isEqualTo("welcome");
        List<Request> seen = handler.takeSeen();
        assertThat(seen).hasSize(2);
        assertThat(seen.get(1).header("authorization")).isNull();
    }

    @Test
    void among_values_findsTheFirstBasicOne() {
        assertThat(BasicChallenge.among(List.of("Digest realm=\"x\"", "basic Realm = \"a \\\"b\\\"\", charset=utf-8")))
                .isEqualTo(new BasicChallenge("basic", "a \"b\"", true));
        assertThat(BasicChallenge.among(List.of("Basic"))).isEqualTo(new BasicChallenge("Basic", null, false));
        assertThat(BasicChallenge.among(List.of("Basically realm=x", "Bearer"))).isNull();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://" + server.authority() + path);
    }
}
