package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.timeout;
import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.ResponseFlag;
import io.inmesh.model.RouteAction.MaxStreamDuration;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.outbound.MeshFixture.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Limits of time of a routed call, by a clock that is moved by hand. */
class LimitsTest {
    private final MeshFixture mesh = new MeshFixture().cluster("a", 1);

    @Test
    void routeTimeout_unset_is15SecondsFromTheEndOfTheRequest() {
        mesh.publish(to("a"));
        Call call = mesh.post("orders").ask();
        mesh.loop.advance(Duration.ofMinutes(1));
        call.body().push("x");
        call.body().end();
        mesh.loop.advance(Duration.ofMillis(14_999));
        assertThat(call.observer().isOver()).isFalse();
        mesh.loop.advance(Duration.ofMillis(1));
        assertThat(call.observer().status()).isEqualTo(504);
    }

    @Test
    void routeTimeout_none_waitsUntilTheStreamIsIdle() {
        mesh.publish(to("a", timeout(null), null));
        Call call = mesh.get("orders").ask();
        mesh.loop.advance(Duration.ofSeconds(299));
        assertThat(call.observer().isOver()).isFalse();
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(call.observer().status()).isEqualTo(504);
        assertThat(call.observer().body()).isEqualTo("stream timeout");
        assertThat(call.observer().facts().flags()).containsExactly(ResponseFlag.STREAM_IDLE_TIMEOUT);
    }

    @Test
    void streamIdle_beforeTheRequestIsWhole_is408() {
        mesh.publish(to("a", timeout(null), null));
        Call call = mesh.post("orders").ask();
        mesh.loop.advance(Duration.ofSeconds(200));
        call.body().push("x");
        mesh.loop.advance(Duration.ofSeconds(299));
        assertThat(call.observer().isOver()).isFalse();
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(call.observer().status()).isEqualTo(408);
    }

    @Test
    void streamIdle_ofTheRouteOverrulesAndZeroIsNone() {
        mesh.publish(to("a", new Timeouts(null, Duration.ZERO, null), null));
        Call call = mesh.get("orders").ask();
        mesh.loop.advance(Duration.ofHours(9));
        assertThat(call.observer().isOver()).isFalse();
        assertThat(mesh.loop.timers()).isZero();
        mesh.publish(to("a", new Timeouts(null, Duration.ofSeconds(2), null), null));
        Call second = mesh.get("orders").ask();
        mesh.loop.advance(Duration.ofSeconds(2));
        assertThat(second.observer().status()).isEqualTo(504);
    }

    @Test
    void streamIdle_afterTheHead_breaksTheResponseOff() {
        mesh.publish(to("a", timeout(null), null));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().headOf(200);
        mesh.loop.advance(Duration.ofMinutes(5));
        assertThat(call.observer().failureMessage()).contains("stream timeout", "(SI)");
        assertThat(mesh.transport.last().cancelled).isTrue();
    }

    @Test
    void maxStreamDuration_takesTheRouteTimeoutsPlace() {
        MaxStreamDuration max = new MaxStreamDuration(Duration.ofSeconds(40), null, null);
        mesh.publish(to("a", new Timeouts(Duration.ofSeconds(1), null, max), null));
        Call call = mesh.get("orders").ask();
        mesh.loop.advance(Duration.ofSeconds(39));
        assertThat(call.observer().isOver()).isFalse();
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(call.observer().status()).isEqualTo(504);
        assertThat(call.observer().body()).isEqualTo("downstream duration timeout");
        assertThat(call.observer().facts().flags()).containsExactly(ResponseFlag.DURATION_TIMEOUT);
    }

    @Test
    void requestTimeout_limitsTheApplicationsBody() {
        mesh.requestTimeout = Duration.ofSeconds(3);
        mesh.publish(to("a"));
        Call call = mesh.post("orders").ask();
        mesh.loop.advance(Duration.ofSeconds(3));
        assertThat(call.observer().status()).isEqualTo(408);
        assertThat(call.observer().body()).isEqualTo("request timeout");
        assertThat(call.body().cancelled).isTrue();
        Call quick = mesh.post("orders").ask();
        quick.body().end();
        mesh.loop.advance(Duration.ofSeconds(3));
        assertThat(quick.observer().isOver()).isFalse();
    }

    @Test
    void callersTimeoutHeader_overrulesTheRoute() {
        mesh.publish(to("a"));
        Call call = mesh.call(
                        "GET",
                        "orders",
                        "/",
                        null,
                        "x-envoy-upstream-rq-timeout-ms",
                        "50",
                        "x-envoy-upstream-rq-timeout-alt-response",
                        "1")
                .ask();
        assertThat(mesh.transport.last().headAsSent.headers().get("x-envoy-expected-rq-timeout-ms"))
                .isEqualTo("50");
        mesh.loop.advance(Duration.ofMillis(50));
        assertThat(call.observer().status()).isEqualTo(204);
        assertThat(call.observer().completed).isTrue();
    }

    @Test
    void manyLimits_shareOneTimer() {
        mesh.publish(to("a", Timeouts.DEFAULT, null));
        mesh.get("orders").ask();
        assertThat(mesh.loop.timers()).isEqualTo(1);
    }

    @Test
    void maxStream_ofAGrpcRequest_isDeadlineExceeded() {
        mesh.publish(to("a", new Timeouts(null, null, new MaxStreamDuration(Duration.ofSeconds(3), null, null)), null));
        Call call = mesh.call("POST", "orders", "/shop.Orders/Get", null, "content-type", "application/grpc")
                .ask();
        mesh.loop.advance(Duration.ofSeconds(3));
        assertThat(call.observer().status()).isEqualTo(200);
        assertThat(call.observer().header("grpc-status")).isEqualTo("4");
        assertThat(call.observer().header("grpc-message")).isEqualTo("downstream duration timeout");
    }
}
