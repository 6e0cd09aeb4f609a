package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.RetryPolicy.HostPredicate;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.VirtualHost;
import io.inmesh.outbound.MeshFixture.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryTest {
    private static final Duration PAUSE = BackOff.DEFAULT.max();

    private final MeshFixture mesh = new MeshFixture();

    private static RetryPolicy policy(int retries, @Nullable Duration perTry, @Nullable Duration perTryIdle) {
        return new RetryPolicy(
                Set.of(Condition.FIVE_XX),
                retries,
                perTry,
                perTryIdle,
                List.of(HostPredicate.PREVIOUS_HOSTS),
                20,
                Set.of(),
                BackOff.DEFAULT,
                null,
                List.of(),
                List.of());
    }

    private static Route retrying(int retries) {
        return to("a", Timeouts.DEFAULT, policy(retries, null, null));
    }

    @Test
    void noPolicy_noRetry() {
        mesh.cluster("a", 2).publish(to("a"));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().answer(503);
        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().facts().details()).isEqualTo("via_upstream");
        mesh.loop.advance(PAUSE);
        assertThat(mesh.transport.attempts).hasSize(1);
    }

    @Test
    void retriableResponse_isReplacedByTheNextAttemptOnAnotherHost() {
        mesh.cluster("a", 2).publish(retrying(1));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().headOf(503);
        assertThat(mesh.transport.last().cancelled).isTrue();
        assertThat(call.observer().head).isNull();
        assertThat(mesh.retriesUnderWay("a")).isEqualTo(1);
        assertThat(mesh.activeRequests("a")).isZero();
        mesh.loop.advance(PAUSE);
        assertThat(mesh.transport.attempts).hasSize(2);
        assertThat(mesh.transport.attempt(2).host())
                .isNotSameAs(mesh.transport.attempt(1).host());
        mesh.transport.last().headOf(200);
        mesh.transport.last().data("fine");
        mesh.transport.last().complete(null);
        assertThat(call.observer().body()).isEqualTo("fine");
        assertThat(call.observer().facts().attempts()).isEqualTo(2);
        assertThat(call.observer().facts().flags()).isEmpty();
        assertThat(mesh.retriesUnderWay("a")).isZero();
        assertThat(mesh.loop.timers()).isZero();
    }

    @Test
    void retriableResponseWithoutBody_isLeftToEndSoThatItsConnectionLives() {
        mesh.cluster("a", 2).publish(retrying(1));
        mesh.get("orders");
        mesh.transport.last().answer(503);
        assertThat(mesh.transport.last().cancelled).isFalse();
        assertThat(mesh.activeRequests("a")).isZero();
        mesh.loop.advance(PAUSE);
        assertThat(mesh.transport.attempts).hasSize(2);
    }

    @Test
    void retriesUsedUp_theLastAnswerIsReturnedWithUrx() {
        mesh.cluster("a", 2).publish(retrying(1));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().answer(503);
        mesh.loop.advance(PAUSE);
        mesh.transport.last().answer(500, "x-from", "upstream");
        assertThat(call.observer().status()).isEqualTo(500);
        assertThat(call.observer().header("x-from")).isEqualTo("upstream");
        assertThat(call.observer().facts().flags()).containsExactly(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
    }

    @Test
    void overMaxRetries_theOriginalAnswerIsReturnedWithUo() {
        mesh.cluster("a", 2, new Thresholds(10, 10, 10, 0, null), Cluster.DEFAULT_BUFFER_LIMIT)
                .publish(retrying(1));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().answer(503);
        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().facts().flags()).containsExactly(ResponseFlag.UPSTREAM_OVERFLOW);
        assertThat(mesh.retriesUnderWay("a")).isZero();
    }

    @Test
    void resetThenReset_bodySaysRetried() {
        mesh.cluster("a", 2).publish(retrying(1));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().reset(ResetReason.CONNECTION_FAILURE, "delayed connect error: Connection refused");
        mesh.loop.advance(PAUSE);
        mesh.transport.last().reset(ResetReason.CONNECTION_TERMINATION, "");
        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().body()).contains("retried and the latest reset reason: connection termination");
        assertThat(call.observer().facts().flags())
                .containsExactlyInAnyOrder(
                        ResponseFlag.UPSTREAM_CONNECTION_TERMINATION, ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
    }

    @Test
    void body_isSubscribedOnceAndPlayedToEachAttempt() {
        mesh.cluster("a", 2).publish(retrying(1));
        Call call = mesh.post("orders").ask();
        call.body().push("one ");
        call.body().push("two");
        assertThat(mesh.transport.last().written()).isEqualTo("one two");
        mesh.transport.last().reset(ResetReason.REMOTE_RESET, "");
        mesh.loop.advance(PAUSE);
        assertThat(mesh.transport.last().written()).isEqualTo("one two");
        assertThat(mesh.transport.last().endWritten).isFalse();
        call.body().push(" three");
        call.body().end();
        assertThat(mesh.transport.last().written()).isEqualTo("one two three");
        assertThat(mesh.transport.last().endWritten).isTrue();
        mesh.transport.last().answer(200);
        assertThat(call.observer().completed).isTrue();
        assertThat(call.body().starts).isEqualTo(1);
    }

    @Test
    void bodyOverTheLimit_givesTheRetryUpAndTheAttemptGoesOn() {
        mesh.cluster("a", 2, Thresholds.DEFAULT, 8).publish(retrying(1));
        Call call = mesh.post("orders").ask();
        call.body().push("12345");
        call.body().push("67890");
        call.body().end();
        assertThat(mesh.transport.last().written()).isEqualTo("1234567890");
        mesh.transport.last().answer(503);
        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().facts().flags()).isEmpty();
        assertThat(mesh.transport.attempts).hasSize(1);
    }

    @Test
    void bodyOverTheLimitDuringThePause_is507() {
        mesh.cluster("a", 2, Thresholds.DEFAULT, 8).publish(retrying(1));
        Call call = mesh.post("orders").ask();
        call.body().push("12345");
        mesh.transport.last().reset(ResetReason.REMOTE_RESET, "");
        call.body().push("67890");
        assertThat(call.observer().status()).isEqualTo(507);
        assertThat(call.observer().body()).isEqualTo("exceeded request buffer limit while retrying upstream");
        assertThat(call.body().cancelled).isTrue();
        assertThat(mesh.retriesUnderWay("a")).isZero();
    }

    @Test
    void perTryTimeout_isRetriedAndThenAnswered504() {
        mesh.cluster("a", 2).publish(to("a", Timeouts.DEFAULT, policy(1, Duration.ofSeconds(1), null)));
        Call call = mesh.get("orders").ask();
        mesh.loop.advance(Duration.ofSeconds(3));
        assertThat(mesh.transport.attempts)
                .as("connecting is not limited by it")
                .hasSize(1);
        mesh.transport.last().connect();
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(mesh.transport.attempt(1).cancelled).isTrue();
        mesh.loop.advance(PAUSE);
        mesh.transport.last().connect();
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(call.observer().status()).isEqualTo(504);
        assertThat(call.observer().facts().details()).isEqualTo("upstream_per_try_timeout");
        assertThat(call.observer().facts().flags())
                .contains(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT, ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
        assertThat(mesh.activeRequests("a")).isZero();
    }

    @Test
    void perTryTimeout_startsWithTheEndOfTheRequest() {
        mesh.cluster("a", 2).publish(to("a", Timeouts.DEFAULT, policy(1, Duration.ofSeconds(1), null)));
        Call call = mesh.post("orders").ask();
        mesh.transport.last().connect();
        mesh.loop.advance(Duration.ofSeconds(9));
        call.body().end();
        mesh.loop.advance(Duration.ofMillis(999));
        assertThat(mesh.transport.last().cancelled).isFalse();
        mesh.loop.advance(Duration.ofMillis(1));
        assertThat(mesh.transport.last().cancelled).isTrue();
    }

    @Test
    void perTryTimeout_noLongerCountsOnceTheResponseHasBegun() {
        mesh.cluster("a", 2).publish(to("a", Timeouts.DEFAULT, policy(1, Duration.ofSeconds(1), null)));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().headOf(200);
        mesh.loop.advance(Duration.ofSeconds(5));
        mesh.transport.last().complete(null);
        assertThat(call.observer().completed).isTrue();
    }

    @Test
    void perTryIdleTimeout_countsAnewWithEachPiece() {
        mesh.cluster("a", 2).publish(to("a", Timeouts.DEFAULT, policy(1, null, Duration.ofSeconds(1))));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().headOf(200);
        for (int i = 0; i < 4; i++) {
            mesh.loop.advance(Duration.ofMillis(900));
            mesh.transport.last().data("x");
        }
        assertThat(call.observer().isOver()).isFalse();
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(call.observer().failureMessage()).contains("per_try_idle_timeout");
        assertThat(mesh.transport.last().cancelled).isTrue();
    }

    @Test
    void routeTimeout_endsThePauseToo() {
        RetryPolicy slow = new RetryPolicy(
                Set.of(Condition.FIVE_XX),
                5,
                null,
                null,
                List.of(),
                1,
                Set.of(),
                new BackOff(Duration.ofHours(1), Duration.ofHours(2)),
                null,
                List.of(),
                List.of());
        mesh.cluster("a", 1).publish(to("a", MeshFixture.timeout(Duration.ofSeconds(1)), slow));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().answer(503);
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(call.observer().status()).isEqualTo(504);
        assertThat(mesh.retriesUnderWay("a")).isZero();
        assertThat(mesh.loop.timers()).isZero();
    }

    @Test
    void clusterRemovedDuringThePause_is503Uh() {
        mesh.cluster("a", 1).cluster("b", 1).publish(retrying(1));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().answer(503);
        mesh.clusters.remove("a");
        mesh.publish(to("b"));
        mesh.loop.advance(PAUSE);
        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().body()).isEqualTo("no healthy upstream");
    }

    @Test
    void attemptHeaders_countAndTellTheTimeLeft() {
        VirtualHost host = new VirtualHost(
                "orders-host",
                List.of("orders"),
                List.of(to("a", MeshFixture.timeout(Duration.ofSeconds(10)), policy(1, Duration.ofSeconds(4), null))),
                VirtualHost.RequireTls.NONE,
                io.inmesh.model.LevelRules.NONE,
                null,
                true,
                true,
                true,
                -1,
                Map.of());
        mesh.cluster("a", 2).publish(host);
        Call call = mesh.get("orders").ask();
        assertThat(mesh.transport.last().headAsSent.headers().get("x-envoy-attempt-count"))
                .isEqualTo("1");
        assertThat(mesh.transport.last().headAsSent.headers().get("x-envoy-expected-rq-timeout-ms"))
                .isEqualTo("4000");
        mesh.transport.last().connect();
        mesh.loop.advance(Duration.ofSeconds(4).plus(PAUSE));
        mesh.transport.last().connect();
        mesh.loop.advance(Duration.ofMillis(500));
        assertThat(mesh.transport.last().headAsSent.headers().get("x-envoy-attempt-count"))
                .isEqualTo("2");
        assertThat(mesh.transport.last().headAsSent.headers().get("x-envoy-is-timeout-retry"))
                .isEqualTo("true");
        mesh.transport.last().answer(200);
        assertThat(call.observer().header("x-envoy-attempt-count")).isEqualTo("2");
        assertThat(mesh.transport.attempt(1).head).isEqualTo(mesh.transport.attempt(1).headAsSent);
    }

    @Test
    void callersRetryHeaders_countWithoutAPolicy() {
        mesh.cluster("a", 1).publish(to("a"));
        mesh.call("GET", "orders", "/", null, "x-envoy-retry-on", "5xx").ask();
        assertThat(mesh.transport.last().headAsSent.headers().contains("x-envoy-retry-on"))
                .isFalse();
        mesh.transport.last().answer(503);
        mesh.loop.advance(PAUSE);
        assertThat(mesh.transport.attempts).hasSize(2);
    }
}
