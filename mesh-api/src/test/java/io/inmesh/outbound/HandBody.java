package io.inmesh.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request's body that a test gives out by hand, and only what was asked for. */
final class HandBody implements RequestBody {
    private @Nullable Receiver receiver;
    long asked;
    int starts;
    boolean cancelled;
    boolean over;

    @Override
    public long contentLength() {
        return -1;
    }

    @Override
    public void start(Receiver newReceiver) {
        starts++;
        receiver = newReceiver;
    }

    @Override
    public void request(long pieces) {
        asked += pieces;
    }

    @Override
    public void cancel() {
        assertThat(starts).as("cancelled without start").isEqualTo(1);
        assertThat(cancelled).as("cancelled twice").isFalse();
        cancelled = true;
    }

    boolean mayPush() {
        return receiver != null && asked > 0 && !cancelled && !over;
    }

    boolean mayEnd() {
        return receiver != null && !cancelled && !over;
    }

    HandBody push(String text) {
        assertThat(mayPush()).as("nothing was asked for").isTrue();
        asked--;
        receiver().onData(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    void end() {
        over = true;
        receiver().onEnd();
    }

    void fail(Throwable cause) {
        over = true;
        receiver().onError(cause);
    }

    private Receiver receiver() {
        return Objects.requireNonNull(receiver, "the body was not started");
    }
}
