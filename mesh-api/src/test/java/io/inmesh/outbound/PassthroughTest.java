package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.filter.FilterFactories;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.MeshFixture.Call;
import io.inmesh.snapshot.Dialect.Destination;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Calls that go straight to their address, and those that must not. */
class PassthroughTest {
    private final List<Destination> asked = new ArrayList<>();
    private final MeshFixture mesh = new MeshFixture(
                    destination -> {
                        asked.add(destination);
                        return destination.host().endsWith(".allowed");
                    },
                    FilterFactories.builtIn(),
                    new SplittableRandom(1))
            .cluster("a", 1);

    @Test
    void dialectsRule_sendsTheRequestUnchanged() {
        mesh.publish(to("a"));
        RequestHead head = new RequestHead("POST", "https", "x.direct", "/p?q", Headers.of("expect", "100-continue"));
        HandBody body = new HandBody();
        Call call =
                mesh.call(head, body, new CallOptions(null, HttpVersion.HTTP_1)).ask();
        assertThat(mesh.transport.last().target)
                .isEqualTo(new UpstreamTarget.Passthrough("https", "x.direct", 443, HttpVersion.HTTP_1));
        assertThat(mesh.transport.last().headAsSent.headers().size()).isEqualTo(1);
        mesh.transport.last().connect();
        mesh.transport.last().informational(100);
        body.push("abc").end();
        mesh.transport.last().headOf(200, "connection", "keep-alive");
        mesh.transport.last().data("xyz");
        mesh.transport.last().complete(Headers.of("t", "1"));
        assertThat(call.observer().informational).containsExactly(100);
        assertThat(call.observer().connections).isEqualTo(1);
        assertThat(call.observer().header("connection")).isEqualTo("keep-alive");
        assertThat(call.observer().body()).isEqualTo("xyz");
        assertThat(call.observer().trailers).isEqualTo(Headers.of("t", "1"));
        assertThat(call.observer().facts().passthrough()).isTrue();
        assertThat(call.observer().facts().explanation().toString()).contains("goes straight", "the dialect lets");
        assertThat(asked)
                .as("the application is asked only about unknown hosts")
                .isEmpty();
    }

    @Test
    void failure_isTheTransportsOwnException() {
        mesh.publish(to("a"));
        Call call = mesh.get("x.direct").ask();
        mesh.transport.last().reset(ResetReason.CONNECTION_FAILURE, "refused");
        assertThat(call.observer().failure)
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("refused");
    }

    @Test
    void unknownHost_goesStraightOnlyWhereTheApplicationSaidSo() {
        mesh.publish(to("a"));
        mesh.get("api.allowed:9000").ask();
        assertThat(mesh.transport.last().target).isInstanceOf(UpstreamTarget.Passthrough.class);
        mesh.get("api.allowed").ask();
        assertThat(mesh.transport.last().target)
                .as("the listener is known, its virtual hosts do not have the host")
                .isInstanceOf(UpstreamTarget.Passthrough.class);
        assertThat(mesh.get("api.other").ask().observer().status()).isEqualTo(404);
        assertThat(mesh.get("api.other:9000").ask().observer().failureMessage()).contains("no listener");
    }

    @Test
    void beforeConfiguration_nothingGoesStraight() {
        mesh.get("api.allowed").ask();
        mesh.get("x.direct").ask();
        assertThat(mesh.transport.attempts).isEmpty();
        mesh.publish(to("a"));
        mesh.loop.run();
        assertThat(mesh.transport.attempts).hasSize(2);
    }

    @Test
    void cancel_cancelsAttemptAndBody() {
        mesh.publish(to("a"));
        Call call = mesh.post("x.direct").ask();
        call.call().cancel();
        call.call().cancel();
        assertThat(mesh.transport.last().cancelled).isTrue();
        assertThat(call.body().cancelled).isTrue();
        assertThat(call.observer().isOver()).isFalse();
    }

    @Test
    void responseBeforeTheEndOfTheRequest_endsTheRequest() {
        mesh.publish(to("a"));
        Call call = mesh.post("x.direct").ask();
        mesh.transport.last().answer(413);
        assertThat(call.observer().completed).isTrue();
        assertThat(call.body().cancelled).isTrue();
        assertThat(mesh.transport.last().cancelled).isTrue();
    }
}
