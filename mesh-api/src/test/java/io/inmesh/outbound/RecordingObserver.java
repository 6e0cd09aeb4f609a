package io.inmesh.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes down what a call tells, and fails where the order is against the contract. */
final class RecordingObserver implements OutboundCall.Observer {
    private final StringBuilder body = new StringBuilder();
    final List<Integer> informational = new ArrayList<>();
    int connections;
    int terminals;
    boolean completed;

    @Nullable
    ResponseHead head;

    @Nullable
    CallFacts facts;

    @Nullable
    Headers trailers;

    @Nullable
    Throwable failure;

    @Override
    public void onConnected() {
        connections++;
    }

    @Override
    public void onInformational(int status) {
        informational.add(status);
    }

    @Override
    public void onHead(ResponseHead newHead, CallFacts newFacts) {
        assertThat(terminals).as("head after the end").isZero();
        assertThat(head).as("second head").isNull();
        head = newHead;
        facts = newFacts;
    }

    @Override
    public void onData(ByteBuffer data) {
        assertThat(head).as("data without head").isNotNull();
        assertThat(terminals).as("data after the end").isZero();
        body.append(StandardCharsets.UTF_8.decode(data));
    }

    @Override
    public void onComplete(@Nullable Headers newTrailers) {
        assertThat(head).as("completion without head").isNotNull();
        terminals++;
        completed = true;
        trailers = newTrailers;
    }

    @Override
    public void onFailure(Throwable cause) {
        terminals++;
        failure = cause;
    }

    boolean isOver() {
        return terminals > 0;
    }

    int status() {
        return Objects.requireNonNull(head, "no response").status();
    }

    @Nullable
    String header(String name) {
        return Objects.requireNonNull(head, "no response").headers().get(name);
    }

    String body() {
        return body.toString();
    }

    CallFacts facts() {
        return Objects.requireNonNull(facts, "no response");
    }

    String failureMessage() {
        return String.valueOf(Objects.requireNonNull(failure, "no failure").getMessage());
    }
}
