package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.inbound.InboundConnection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class BlockingRequestTest {
    private static final IpAddress HERE = new IpAddress(0, 0x7f000001L, true);

    private final CompletableFuture<@Nullable LocalReply> verdict = new CompletableFuture<>();
    private final ScriptedPort port = new ScriptedPort(head -> verdict);

    @Test
    void verdict_givenByAnotherThread_isBroughtToTheOneThatWaits() throws Exception {
        try (BlockingRequest request = request()) {
            CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(
                    () -> verdict.complete(null), CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));

            RequestHead accepted = request.verdict();

            assertThat(other.get()).isTrue();
            assertThat(accepted).isNotNull();
            BlockingRequest.Answer answer = request.respond(new ResponseHead(200, new Headers()));
            assertThat(answer.reply()).isNull();
            assertThat(answer.head().headers().get("x-mesh-response")).isEqualTo("seen");
        }
        assertThat(port.ended).hasValue(1);
    }

    @Test
    void verdict_refused_isTheAnswer() throws Exception {
        verdict.complete(LocalReply.of(403, "no", null, "test"));
        try (BlockingRequest request = request()) {
            assertThat(request.verdict()).isNull();
            BlockingRequest.Answer answer = request.answer();
            assertThat(answer == null ? 0 : answer.head().status()).isEqualTo(403);
        }
    }

    @Test
    void verdict_interrupted_endsTheRequest() {
        BlockingRequest request = request();
        Thread.currentThread().interrupt();
        assertThatThrownBy(request::verdict).isInstanceOf(InterruptedException.class);
        assertThat(port.ended).hasValue(1);
        verdict.complete(null);
        assertThat(request.answer()).isNull();
    }

    @Test
    void loop_timer_runsWhenItsTimeComesAndNotOnceItIsCancelled() throws Exception {
        ThreadLoop loop = new ThreadLoop();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        loop.run(() -> {
            loop.schedule(cancelled::countDown, 1).cancel();
            loop.schedule(first::countDown, TimeUnit.MILLISECONDS.toNanos(5));
        });
        loop.runUntil(() -> first.getCount() == 0);
        assertThat(cancelled.getCount()).isEqualTo(1);
    }

    @Test
    void loop_taskWhileNobodyWaits_runsAtOnceOnTheThreadThatBringsIt() {
        ThreadLoop loop = new ThreadLoop();
        CountDownLatch ran = new CountDownLatch(1);
        loop.execute(() -> {
            assertThat(loop.inLoop()).isTrue();
            ran.countDown();
        });
        assertThat(ran.getCount()).isZero();
        assertThat(loop.inLoop()).isFalse();
    }

    private BlockingRequest request() {
        ChainChoice choice = port.choose(new ConnectionArrival(HERE, 1, HERE, 2, false, "", List.of()));
        InboundConnection connection =
                ((ChainChoice.Accepted) choice).established(new DownstreamConnection(HERE, 1, HERE, 2, null));
        RequestHead head = new RequestHead("GET", "http", "shop", "/", new Headers());
        return new BlockingRequest(connection, head, true, "HTTP/1.1");
    }
}
