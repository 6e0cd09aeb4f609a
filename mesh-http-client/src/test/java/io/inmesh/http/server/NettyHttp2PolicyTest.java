package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.LocalReply;
import io.inmesh.http.testing.LeakWatch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One connection in HTTP/2 whose client breaks requests off at every stage, and whose server wants it to end. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class NettyHttp2PolicyTest {
    private static final LocalReply NO = LocalReply.of(403, "no", null, "test");

    private final CompletableFuture<@Nullable LocalReply> verdict = new CompletableFuture<>();
    private final ScriptedPort port = new ScriptedPort(head -> head.path().startsWith("/wait")
            ? verdict
            : CompletableFuture.completedFuture(head.path().startsWith("/no") ? NO : null));
    private final NettyApplication application = new NettyApplication();
    private final NettyTestServer server = NettyTestServer.start(0, port, new NoTls(), application);
    private final Http2Client client = new Http2Client(server.port());

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void verdict_thatComesLate_deliversWhatWasHeldBack() throws Exception {
        Http2Client.Stream stream = client.post("/wait").send("held back", true);
        await().until(() -> port.started.get() == 1);
        assertThat(application.requests).hasValue(0);
        verdict.complete(null);
        await().until(stream::isEnded);
        assertThat(stream.body()).startsWith("POST shop/wait mesh=seen").endsWith("body=9");
    }

    @Test
    void reset_whileDeciding_endsTheRequestAndTheApplicationNeverSeesIt() throws Exception {
        Http2Client.Stream stream = client.post("/wait").send("held back", false);
        await().until(() -> port.started.get() == 1);
        stream.cancel();
        await().until(() -> port.ended.get() == 1);
        verdict.complete(null);
        goesOn();
        assertThat(application.requests).hasValue(1);
    }

    @Test
    void reset_inTheMiddleOfABody_endsTheRequestOfTheApplicationToo() throws Exception {
        Http2Client.Stream stream = client.post("/a").send("abc", false);
        await().until(() -> application.bodyBytes.get() == 3);
        stream.cancel();
        await().until(() -> port.ended.get() == 1 && application.inactive.get() == 1);
        goesOn();
    }

    @Test
    void reset_whileTheApplicationWorks_endsTheRequestOfTheApplicationToo() throws Exception {
        Http2Client.Stream stream = client.get("/never");
        await().until(() -> application.requests.get() == 1);
        stream.cancel();
        await().until(() -> port.ended.get() == 1 && application.inactive.get() == 1);
        goesOn();
    }

    @Test
    void reset_inTheMiddleOfAResponse_endsTheRequestOfTheApplicationToo() throws Exception {
        Http2Client.Stream stream = client.post("/echo").send("abc", false);
        await().until(() -> stream.body().equals("abc"));
        stream.cancel();
        await().until(() -> port.ended.get() == 1 && application.inactive.get() == 1);
        goesOn();
    }

    @Test
    void reset_afterTheMeshsAnswer_endsTheRequestOnce() throws Exception {
        Http2Client.Stream stream = client.post("/no");
        await().until(() -> port.started.get() == 1);
        stream.cancel();
        await().until(() -> port.ended.get() == 1);
        goesOn();
        assertThat(application.requests).hasValue(1);
    }

    @Test
    void connection_goneWithRequestsAtEveryStage_endsThemAll() throws Exception {
        client.post("/wait").send("held back", false);
        client.get("/never");
        Http2Client.Stream echo = client.post("/echo").send("abc", false);
        await().until(() -> echo.body().equals("abc"));
        client.close();
        await().untilAsserted(() -> assertThat(List.of(port.ended.get(), port.closed.get(), application.inactive.get()))
                .as("requests over, connections closed, streams of the application ended")
                .containsExactly(3, 1, 3));
        verdict.complete(null);
        assertThat(application.requests).hasValue(2);
    }

    /** The connection is as good as before. */
    private void goesOn() throws Exception {
        int ended = port.ended.get();
        Http2Client.Stream stream = client.get("/next");
        await().until(stream::isEnded);
        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.body()).startsWith("GET shop/next mesh=seen");
        await().until(() -> port.ended.get() == ended + 1);
    }

    @Test
    void drain_idleConnection_isAnnouncedAndThenClosed() throws Exception {
        goesOn();
        port.drains.forEach(Runnable::run);
        await().until(() -> !client.goAways.isEmpty());
        assertThat(client.goAways.get(0)).as("all streams are still taken").isEqualTo(Integer.MAX_VALUE);
        assertThat(client.isOpen()).isTrue();
        goesOn();
        await().until(() -> !client.isOpen());
        assertThat(client.goAways).as("the last stream that was taken").endsWith(5);
        await().until(() -> port.closed.get() == 1);
    }

    @Test
    void drain_withARequestUnderWay_waitsForItsEnd() throws Exception {
        Http2Client.Stream stream = client.get("/wait");
        await().until(() -> port.started.get() == 1);
        port.drains.forEach(Runnable::run);
        await().until(() -> client.goAways.size() == 2);
        assertThat(stream.status()).isZero();
        verdict.complete(null);
        await().untilAsserted(() -> assertThat(stream.isEnded())
                .as(stream + ", over at the server: " + port.ended + ", at the application: " + application.requests)
                .isTrue());
        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.isReset()).isFalse();
        await().until(() -> !client.isOpen());
        assertThat(port.ended).hasValue(1);
    }
}
