package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.LocalReply;
import io.inmesh.http.testing.LeakWatch;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One connection in HTTP/1.1 at every stage of a request, with verdicts that come when the test wants. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class NettyPolicyTest {
    private static final LocalReply NO = LocalReply.of(403, "no", null, "test");

    private final CompletableFuture<@Nullable LocalReply> verdict = new CompletableFuture<>();
    private final ScriptedPort port = new ScriptedPort(head -> head.path().startsWith("/wait")
            ? verdict
            : CompletableFuture.completedFuture(head.path().startsWith("/no") ? NO : null));
    private final NettyApplication application = new NettyApplication();
    private final NettyTestServer server = NettyTestServer.start(0, port, new NoTls(), application);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void requests_pipelined_areDecidedOneAfterTheOther() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send(get("/wait") + get("/b") + get("/no") + get("/c"));
            await().until(() -> port.started.get() == 1);
            verdict.complete(null);

            assertThat(client.response().body()).startsWith("GET shop/wait mesh=seen");
            assertThat(client.response().body()).startsWith("GET shop/b mesh=seen");
            assertThat(client.response().status()).isEqualTo(403);
            RawClient.Response last = client.response();
            assertThat(last.body()).startsWith("GET shop/c mesh=seen");
            assertThat(last.fields()).contains("x-mesh-response: seen");
        }
        await().until(() -> port.ended.get() == 4 && port.closed.get() == 1);
    }

    @Test
    void body_thatComesBeforeTheVerdict_isHeldAndThenDelivered() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST /wait HTTP/1.1\r\nHost: shop\r\nContent-Length: 300000\r\n\r\n" + "x".repeat(200_000));
            await().until(() -> port.started.get() == 1);
            assertThat(application.bodyBytes).hasValue(0);
            verdict.complete(null);
            assertThat(client.send("x".repeat(100_000)).response().body()).endsWith("body=300000");
        }
    }

    @Test
    void body_ofARefusedRequest_isNotWaitedFor() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST /no HTTP/1.1\r\nHost: shop\r\nContent-Length: 300000\r\n\r\nx");
            RawClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(403);
            assertThat(response.closes()).isTrue();
            assertThat(client.isClosed()).isTrue();
        }
        assertThat(application.requests).hasValue(0);
        await().until(() -> port.ended.get() == 1);
    }

    @Test
    void head_refused_hasNoBody() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send("HEAD /no HTTP/1.1\r\nHost: shop\r\n\r\n" + get("/b"));
            assertThat(client.response(false).status()).isEqualTo(403);
            assertThat(client.response().body()).startsWith("GET shop/b");
        }
    }

    @Test
    void expectation_of100_isMetBeforeTheApplicationSeesIt() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST /a HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(100);
            assertThat(client.send("xy").response().body()).endsWith("body=2");
        }
        assertThat(port.seen.get(0).headers().contains("expect")).isFalse();
    }

    @Test
    void fieldsOfTheConnection_areNotShownToFilters() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            String request = """
                    GET http://b.example/x HTTP/1.1
                    Host: shop
                    Connection: close, x-secret
                    x-secret: 1
                    TE: gzip
                    Keep-Alive: 5
                    X-Kept: 1

                    """;
            client.send(request.replace("\n", "\r\n"));
            assertThat(client.response().body()).contains("GET b.example/x").contains("keepAlive=false");
        }
        assertThat(port.seen.get(0).authority()).isEqualTo("b.example");
        assertThat(port.seen.get(0).headers().toString()).isEqualTo("{x-kept: 1}");
    }

    @Test
    void client_goneWhileDeciding_endsTheRequest() throws Exception {
        client("/wait").reset();
        await().until(() -> port.ended.get() == 1 && port.closed.get() == 1);
        verdict.complete(null);
        assertThat(application.requests).hasValue(0);
    }

    @Test
    void client_goneWhileTheApplicationWorks_endsTheRequest() throws Exception {
        RawClient client = client("/never");
        await().until(() -> application.requests.get() == 1);
        client.reset();
        await().until(() -> port.ended.get() == 1 && application.inactive.get() == 1);
    }

    @Test
    void client_goneInTheMiddleOfABody_endsTheRequest() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST /echo HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\nabc");
            await().until(() -> application.bodyBytes.get() == 3);
        }
        await().until(() -> port.ended.get() == 1 && application.inactive.get() == 1);
    }

    @Test
    void drain_betweenRequests_closesTheConnection() throws Exception {
        try (RawClient client = client("/a")) {
            assertThat(client.response().status()).isEqualTo(200);
            port.drains.forEach(Runnable::run);
            assertThat(client.isClosed()).isTrue();
        }
    }

    private RawClient client(String path) throws IOException {
        RawClient client = new RawClient(server.port()).send(get(path));
        await().until(() -> port.started.get() == 1);
        return client;
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: shop\r\n\r\n";
    }
}
