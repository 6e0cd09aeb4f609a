package io.inmesh.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.wire.NameLookup.Result;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NameLookupTest {
    private final NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT.withLoops(1));
    private final WireLoop loop = (WireLoop) transport.next();
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<InetAddress> loopback = List.of(InetAddress.getLoopbackAddress());

    @AfterEach
    void close() {
        transport.close();
        transport.closed().toCompletableFuture().join();
    }

    private CompletableFuture<Result> ask(NameLookup lookup, String host) {
        CompletableFuture<Result> told = new CompletableFuture<>();
        lookup.ask(host, loop, result -> {
            assertThat(loop.inLoop()).isTrue();
            told.complete(result);
        });
        return told.orTimeout(60, TimeUnit.SECONDS);
    }

    private void resolveWaiting() {
        List.copyOf(waiting).forEach(Runnable::run);
        waiting.clear();
    }

    @Test
    void ask_nameThatIsBeingResolved_waitsForTheSameAnswer() {
        NameLookup lookup = new NameLookup(host -> loopback, waiting::add);
        CompletableFuture<Result> first = ask(lookup, "a.example");
        CompletableFuture<Result> second = ask(lookup, "a.example");
        CompletableFuture<Result> other = ask(lookup, "b.example");
        assertThat(waiting).hasSize(2);

        resolveWaiting();
        assertThat(List.of(first.join(), second.join(), other.join())).containsOnly(new Result(loopback, null, true));
        CompletableFuture<Result> later = ask(lookup, "a.example");
        assertThat(waiting).as("what was resolved is asked for anew").hasSize(1);
        resolveWaiting();
        assertThat(later.join().addresses()).isEqualTo(loopback);
    }

    @Test
    void ask_resolverThrowsAnError_isToldAndAsksAgain() {
        NameLookup lookup = new NameLookup(
                host -> {
                    throw new NoClassDefFoundError("provoked");
                },
                waiting::add);
        for (int i = 0; i < 2; i++) {
            CompletableFuture<Result> told = ask(lookup, "a.example");
            assertThat(waiting).hasSize(1);
            resolveWaiting();

            assertThat(told.join().asked()).isTrue();
            assertThat(told.join().problem())
                    .hasMessageContaining("a.example: the resolver failed")
                    .hasRootCauseInstanceOf(NoClassDefFoundError.class);
        }
    }

    @Test
    void ask_tooManyNames_isToldThatNobodyWasAsked() {
        boolean[] full = {true};
        NameLookup lookup = new NameLookup(host -> loopback, task -> {
            if (full[0]) {
                throw new RejectedExecutionException();
            }
            task.run();
        });
        Result refused = ask(lookup, "a.example").join();
        assertThat(refused.asked()).isFalse();
        assertThat(refused.addresses()).isEmpty();
        assertThat(refused.problem()).hasMessageContaining("a.example: too many names are being resolved");

        full[0] = false;
        assertThat(ask(lookup, "a.example").join().addresses()).isEqualTo(loopback);
    }
}
