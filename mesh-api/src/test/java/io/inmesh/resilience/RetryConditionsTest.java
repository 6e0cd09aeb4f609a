package io.inmesh.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.resilience.RetryState.Decision;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which outcomes are retried, by condition. */
class RetryConditionsTest {
    private final CircuitBreaker limits = new CircuitBreaker(new Thresholds(1024, 1024, 1024, 100, null));
    private final RequestHead request = new RequestHead("GET", "http", "orders", "/", new Headers());

    @ParameterizedTest
    @CsvSource({
        "5xx, 500, true",
        "5xx, 503, true",
        "5xx, 599, true",
        "5xx, 499, false",
        "5xx, 600, false",
        "5xx, 200, false",
        "gateway-error, 500, false",
        "gateway-error, 502, true",
        "gateway-error, 503, true",
        "gateway-error, 504, true",
        "gateway-error, 505, false",
        "retriable-4xx, 409, true",
        "retriable-4xx, 404, false",
        "retriable-status-codes, 418, true",
        "retriable-status-codes, 425, true",
        "retriable-status-codes, 503, false",
        "reset, 503, false",
        "connect-failure, 503, false",
        "refused-stream, 503, false",
        "envoy-ratelimited, 429, false",
        "http3-post-connect-failure, 503, false"
    })
    void onResponse_byStatus(String condition, int status, boolean retried) {
        RetryState retries = retries(policy(condition));
        assertThat(retries.onResponse(response(status))).isEqualTo(retried ? Decision.RETRY : Decision.STANDS);
    }

    @ParameterizedTest
    @CsvSource({
        "cancelled, 1, true",
        "deadline-exceeded, 4, true",
        "internal, 13, true",
        "resource-exhausted, 8, true",
        "unavailable, 14, true",
        "unavailable, 0, false",
        "unavailable, 13, false",
        "internal, 14, false"
    })
    void onResponse_byGrpcStatusInHead(String condition, String grpcStatus, boolean retried) {
        RetryState retries = retries(policy(condition));
        assertThat(retries.onResponse(response(200, "grpc-status", grpcStatus)))
                .isEqualTo(retried ? Decision.RETRY : Decision.STANDS);
    }

    @Test
    void onResponse_rateLimitedByAnotherEnvoy_isRetriedForThatConditionOnly() {
        ResponseHead limited = response(503, "x-envoy-ratelimited", "true");
        assertThat(retries(policy("5xx")).onResponse(limited)).isEqualTo(Decision.STANDS);
        assertThat(retries(policy("envoy-ratelimited")).onResponse(limited)).isEqualTo(Decision.RETRY);
    }

    @Test
    void onResponse_withRetriableHeader_isRetried() {
        RetryState retries = retries(policy("retriable-headers"));
        assertThat(retries.onResponse(response(200, "x-again", "no"))).isEqualTo(Decision.STANDS);
        assertThat(retries.onResponse(response(200, "x-again", "yes"))).isEqualTo(Decision.RETRY);
    }

    @Test
    void onResponse_tooEarly_isRetriedAtOnceUnlessTheRequestWasEarlyData() {
        RetryState retries = retries(policy("retriable-status-codes"));
        assertThat(retries.onResponse(response(425))).isEqualTo(Decision.RETRY);
        assertThat(retries.pauseMillis()).isZero();

        request.headers().add("early-data", "1");
        assertThat(retries(policy("retriable-status-codes")).onResponse(response(425)))
                .isEqualTo(Decision.STANDS);
    }

    static Stream<Arguments> resets() {
        return Stream.of(
                Arguments.of(
                        "connect-failure",
                        true,
                        Set.of(ResetReason.CONNECTION_FAILURE, ResetReason.CONNECTION_TIMEOUT)),
                Arguments.of("refused-stream", true, Set.of(ResetReason.REMOTE_REFUSED_STREAM)),
                Arguments.of("reset", true, allButOverflow()),
                Arguments.of("5xx", true, allButOverflow()),
                Arguments.of("gateway-error", true, allButOverflow()),
                Arguments.of("reset-before-request", false, allButOverflow()),
                Arguments.of("reset-before-request", true, Set.of()),
                Arguments.of("retriable-4xx", false, Set.of()),
                Arguments.of("retriable-status-codes", false, Set.of()),
                Arguments.of("http3-post-connect-failure", false, Set.of()),
                Arguments.of("unavailable", false, Set.of()));
    }

    @ParameterizedTest(name = "{0}, request started {1}")
    @MethodSource("resets")
    void onReset_byReason(String condition, boolean started, Set<ResetReason> retried) {
        for (ResetReason reason : ResetReason.values()) {
            assertThat(retries(policy(condition)).onReset(reason, started))
                    .as("%s", reason)
                    .isEqualTo(retried.contains(reason) ? Decision.RETRY : Decision.STANDS);
        }
    }

    private static Set<ResetReason> allButOverflow() {
        return Set.of(
                ResetReason.CONNECTION_FAILURE,
                ResetReason.CONNECTION_TIMEOUT,
                ResetReason.CONNECTION_TERMINATION,
                ResetReason.REMOTE_RESET,
                ResetReason.REMOTE_REFUSED_STREAM,
                ResetReason.PROTOCOL_ERROR,
                ResetReason.LOCAL_RESET);
    }

    private RetryState retries(RetryPolicy policy) {
        RetryState retries = RetryState.of(policy, request, limits, new Random(5), InstantSource.fixed(Instant.EPOCH));
        if (retries == null) {
            throw new AssertionError("no retries for " + policy);
        }
        return retries;
    }

    private static RetryPolicy policy(String word) {
        Condition condition = Condition.ofWord(word);
        if (condition == null) {
            throw new AssertionError(word);
        }
        return new RetryPolicy(
                Set.of(condition),
                1,
                null,
                null,
                List.of(),
                1,
                Set.of(418, 425),
                BackOff.DEFAULT,
                null,
                List.of(HeaderMatcher.exact("x-again", "yes")),
                List.of());
    }

    private static ResponseHead response(int status, String... headers) {
        return new ResponseHead(status, Headers.of(headers));
    }
}
