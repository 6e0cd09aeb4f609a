package io.inmesh.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.Cluster.RetryBudget;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.RetryPolicy.HostPredicate;
import io.inmesh.model.RetryPolicy.RateLimitedBackOff;
import io.inmesh.model.RetryPolicy.ResetHeader;
import io.inmesh.resilience.CircuitBreaker.Resource;
import io.inmesh.resilience.RetryState.Decision;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RetryStateTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

    private final CircuitBreaker limits = new CircuitBreaker(new Thresholds(1024, 1024, 1024, 100, null));
    private final RequestHead request = request();

    // Number of retries, thresholds, budget

    @Test
    void onResponse_afterAllRetries_standsAsLimitExceeded() {
        RetryState retries = retries(RetryPolicy.of(2, Condition.FIVE_XX));
        assertThat(retries.onResponse(response(503))).isEqualTo(Decision.RETRY);
        assertThat(retries.onReset(ResetReason.REMOTE_RESET, true)).isEqualTo(Decision.RETRY);
        assertThat(retries.onResponse(response(503))).isEqualTo(Decision.LIMIT_EXCEEDED);
        assertThat(limits.count(Resource.RETRIES)).isZero();
    }

    @Test
    void onResponse_goodAfterAllRetries_stands() {
        RetryState retries = retries(RetryPolicy.of(1, Condition.FIVE_XX));
        retries.onResponse(response(503));
        assertThat(retries.onResponse(response(200))).isEqualTo(Decision.STANDS);
    }

    @Test
    void onResponse_withoutAnyRetryAllowed_isLimitExceeded() {
        // Recorded: num_retries 0 answers with flag URX after one attempt.
        assertThat(retries(RetryPolicy.of(0, Condition.FIVE_XX)).onResponse(response(503)))
                .isEqualTo(Decision.LIMIT_EXCEEDED);
    }

    @Test
    void onResponse_overTheClustersRetries_standsAsOverflowAndUsesARetryUp() {
        limits.thresholds(new Thresholds(1, 1, 1, 1, null));
        RetryState first = retries(RetryPolicy.of(2, Condition.FIVE_XX));
        RetryState second = retries(RetryPolicy.of(2, Condition.FIVE_XX));
        assertThat(first.onResponse(response(503))).isEqualTo(Decision.RETRY);
        assertThat(second.onResponse(response(503))).isEqualTo(Decision.OVERFLOW);
        first.close();
        assertThat(second.onResponse(response(503))).isEqualTo(Decision.RETRY);
        assertThat(second.onResponse(response(503))).isEqualTo(Decision.LIMIT_EXCEEDED);
    }

    @Test
    void close_givesTheClustersRetryBackOnce() {
        RetryState retries = retries(RetryPolicy.of(5, Condition.FIVE_XX));
        retries.onResponse(response(503));
        assertThat(limits.count(Resource.RETRIES)).isOne();
        retries.close();
        retries.close();
        assertThat(limits.count(Resource.RETRIES)).isZero();
        assertThat(retries.onResponse(response(503))).isEqualTo(Decision.LIMIT_EXCEEDED);
    }

    @ParameterizedTest
    @CsvSource({
        "20, 3, 10, 5, 3",
        "20, 3, 20, 5, 5",
        "20, 3, 24, 0, 4",
        "50, 0, 5, 0, 2",
        "100, 0, 0, 7, 7",
        "0, 0, 50, 0, 0"
    })
    void budget_isAShareOfActiveAndPendingRequests(double percent, int min, int active, int pending, int expected) {
        limits.thresholds(new Thresholds(1024, 1024, 1024, 1, new RetryBudget(percent, min)));
        acquire(Resource.REQUESTS, active);
        acquire(Resource.PENDING_REQUESTS, pending);
        int allowed = 0;
        while (limits.allows(Resource.RETRIES)) {
            limits.acquire(Resource.RETRIES);
            allowed++;
        }
        assertThat(allowed).isEqualTo(expected);
    }

    /** Whatever happens in whatever order, retries under way never exceed the budget at the moment of a decision, and all are given back. */
    @Test
    void budget_underRandomLoad_isNeverExceededAndNeverLeaks() {
        long seed = 1;
        Random random = new Random(seed);
        double percent = random.nextInt(101);
        int min = random.nextInt(5);
        limits.thresholds(new Thresholds(1024, 1024, 1024, 1, new RetryBudget(percent, min)));
        RetryState[] calls = new RetryState[40];
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(3) == 0) {
                Resource resource = random.nextBoolean() ? Resource.REQUESTS : Resource.PENDING_REQUESTS;
                if (random.nextBoolean()) {
                    limits.acquire(resource);
                } else if (limits.count(resource) > 0) {
                    limits.release(resource);
                }
                continue;
            }
            int index = random.nextInt(calls.length);
            RetryState call = calls[index];
            if (call == null) {
                calls[index] = retries(RetryPolicy.of(3, Condition.FIVE_XX));
            } else if (random.nextInt(4) == 0) {
                call.close();
                calls[index] = null;
            } else if (call.onResponse(response(random.nextBoolean() ? 503 : 200)) == Decision.RETRY) {
                int current = limits.count(Resource.REQUESTS) + limits.count(Resource.PENDING_REQUESTS);
                assertThat(limits.count(Resource.RETRIES))
                        .as("seed %d, step %d", seed, step)
                        .isLessThanOrEqualTo(Math.max((int) (percent / 100 * current), min));
            }
        }
        for (RetryState call : calls) {
            if (call != null) {
                call.close();
            }
        }
        assertThat(limits.count(Resource.RETRIES)).as("seed %d", seed).isZero();
    }

    // Pauses

    @Test
    void pauseMillis_withoutHint_growsToTenTimesTheBase() {
        long seed = 1;
        Random random = new Random(seed);
        long[] bounds = {25, 50, 100, 200, 250, 250};
        for (int call = 0; call < 200; call++) {
            RetryState retries = retries(RetryPolicy.of(6, Condition.FIVE_XX), random);
            for (long bound : bounds) {
                retries.onResponse(response(503));
                assertThat(retries.pauseMillis()).as("seed %d", seed).isBetween(0L, bound - 1);
            }
            retries.close();
        }
    }

    static Stream<Arguments> hints() {
        return Stream.of(
                Arguments.of("retry-after", "2", 2_000L),
                Arguments.of("retry-after", " 2 ", 2_000L),
                Arguments.of("retry-after", "300", 300_000L),
                Arguments.of("retry-after", "301", null),
                Arguments.of("retry-after", "0", null),
                Arguments.of("retry-after", "-1", null),
                Arguments.of("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT", null),
                Arguments.of("retry-after", "99999999999999999999", null),
                Arguments.of("retry-after", "9223372036854775807", null),
                Arguments.of("x-reset", "1000003", 3_000L),
                Arguments.of("x-reset", "1000000", null),
                Arguments.of("x-reset", "999999", null),
                Arguments.of("x-other", "5", null));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("hints")
    void pauseMillis_withResetHeader_isWithinHalfAsMuchAgain(String name, String value, @Nullable Long interval) {
        for (int call = 0; call < 50; call++) {
            RetryState retries = retries(rateLimited());
            assertThat(retries.onResponse(response(503, name, value))).isEqualTo(Decision.RETRY);
            if (interval == null) {
                assertThat(retries.pauseMillis()).isBetween(0L, 24L);
            } else {
                assertThat(retries.pauseMillis()).isBetween(interval, interval + interval / 2 - 1);
            }
            retries.close();
        }
    }

    @Test
    void pauseMillis_withTwoResetHeaders_takesTheFirstThatIsUsable() {
        RetryState retries = retries(rateLimited());
        retries.onResponse(response(503, "x-reset", "1000100", "retry-after", "4000"));
        assertThat(retries.pauseMillis()).isBetween(100_000L, 149_999L);
    }

    @Test
    void pauseMillis_afterAResetHeader_countsFromTheBaseAgain() {
        RetryState retries = retries(rateLimited());
        retries.onResponse(response(503, "retry-after", "2"));
        retries.onResponse(response(503));
        assertThat(retries.pauseMillis()).isBetween(0L, 24L);
    }

    // What the request's headers say. Rows and outcomes were tried with Envoy 1.40 (internal_address_config covering
    // the caller).

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-envoy-retry-on: 5xx                                                                | 1",
                "x-envoy-retry-on: 5xx; x-envoy-max-retries: 3                                        | 3",
                "x-envoy-retry-on: retriable-status-codes; x-envoy-retriable-status-codes: 404, 503   | 1",
                "x-envoy-retry-grpc-on: unavailable,5xx                                               | 0",
                "x-envoy-retry-on: nonsense,gateway-error                                             | 1",
                "x-envoy-retry-on: unavailable                                                        | 0",
                "x-envoy-max-retries: 3                                                               | 0",
                "x-envoy-retry-on: retriable-headers; x-envoy-retriable-header-names: x-no,X-Yes      | 1",
                "x-envoy-retry-on: 5xx; x-envoy-max-retries: many                                     | 1",
            })
    void of_withoutPolicy_heedsTheRequestsHeaders(String headers, int expected) {
        addHeaders(headers);
        RetryState retries = RetryState.of(null, request, limits, new Random(1), InstantSource.fixed(NOW));
        int made = 0;
        while (retries != null && retries.onResponse(response(503, "x-yes", "1")) == Decision.RETRY) {
            made++;
        }
        assertThat(made).isEqualTo(expected);
        assertThat(request.headers().size()).as("headers left").isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-other: 1                                            | 0",
                "x-may: 1                                              | 1",
                "x-may: 1; x-envoy-max-retries: 0                      | 0",
                "x-envoy-retry-on: 5xx; x-envoy-max-retries: 3         | 0",
            })
    void of_policyWithRetriableRequestHeaders_needsOneOfThem(String headers, int expected) {
        addHeaders(headers);
        RetryPolicy base = RetryPolicy.of(1, Condition.FIVE_XX);
        RetryPolicy policy = new RetryPolicy(
                base.retryOn(),
                base.numRetries(),
                null,
                null,
                List.of(),
                1,
                Set.of(),
                BackOff.DEFAULT,
                null,
                List.of(),
                List.of(new HeaderMatcher("x-may", new HeaderMatcher.Present(true), false, false)));
        RetryState retries = retries(policy);
        int made = 0;
        while (retries.onResponse(response(503)) == Decision.RETRY) {
            made++;
        }
        assertThat(made).isEqualTo(expected);
    }

    @Test
    void of_policyAndHeader_addsTheConditions() {
        request.headers().add("x-envoy-retry-on", "retriable-4xx");
        RetryState retries = retries(RetryPolicy.of(5, Condition.FIVE_XX));
        assertThat(retries.onResponse(response(503))).isEqualTo(Decision.RETRY);
        assertThat(retries.onResponse(response(409))).isEqualTo(Decision.RETRY);
    }

    @Test
    void of_nothingAsked_isNullAndTakesTheHeadersOut() {
        request.headers().add("x-envoy-max-retries", "3").add("x-envoy-hedge-on-per-try-timeout", "true");
        assertThat(RetryState.of(null, request, limits, new Random(1), InstantSource.fixed(NOW)))
                .isNull();
        assertThat(RetryState.of(RetryPolicy.of(1), request, limits, new Random(1), InstantSource.fixed(NOW)))
                .isNull();
        assertThat(request.headers().size()).isZero();
    }

    // Hosts

    @ParameterizedTest
    @EnumSource(HostPredicate.class)
    void hostPredicates_areTold(HostPredicate predicate) {
        RetryPolicy policy = new RetryPolicy(
                Set.of(Condition.FIVE_XX),
                1,
                null,
                null,
                List.of(predicate),
                4,
                Set.of(),
                BackOff.DEFAULT,
                null,
                List.of(),
                List.of());
        RetryState retries = retries(policy);
        assertThat(retries.avoidsPreviousHosts()).isEqualTo(predicate == HostPredicate.PREVIOUS_HOSTS);
        assertThat(retries.omitsCanaryHosts()).isEqualTo(predicate == HostPredicate.OMIT_CANARY_HOSTS);
        assertThat(retries.hostSelectionAttempts()).isEqualTo(4);
    }

    private RetryState retries(RetryPolicy policy) {
        return retries(policy, new Random(5));
    }

    private RetryState retries(RetryPolicy policy, Random random) {
        RetryState retries = RetryState.of(policy, request, limits, random, InstantSource.fixed(NOW));
        if (retries == null) {
            throw new AssertionError("no retries for " + policy);
        }
        return retries;
    }

    private static RetryPolicy rateLimited() {
        return new RetryPolicy(
                Set.of(Condition.FIVE_XX),
                2,
                null,
                null,
                List.of(),
                1,
                Set.of(),
                BackOff.DEFAULT,
                new RateLimitedBackOff(
                        List.of(new ResetHeader("retry-after", false), new ResetHeader("x-reset", true)),
                        Duration.ofMinutes(5)),
                List.of(),
                List.of());
    }

    private void acquire(Resource resource, int times) {
        for (int i = 0; i < times; i++) {
            limits.acquire(resource);
        }
    }

    private void addHeaders(String headers) {
        for (String header : headers.split(";")) {
            int colon = header.indexOf(':');
            request.headers()
                    .add(
                            header.substring(0, colon).strip(),
                            header.substring(colon + 1).strip());
        }
    }

    private static RequestHead request() {
        return new RequestHead("GET", "http", "orders", "/", new Headers());
    }

    private static ResponseHead response(int status, String... headers) {
        return new ResponseHead(status, Headers.of(headers));
    }
}
