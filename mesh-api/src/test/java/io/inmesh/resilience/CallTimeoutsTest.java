package io.inmesh.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RouteAction.MaxStreamDuration;
import io.inmesh.model.RouteAction.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTimeoutsTest {
    private final RequestHead request = new RequestHead("GET", "http", "orders", "/", new Headers());

    @Test
    void of_nothingSaid_is15SecondsForTheResponse() {
        assertThat(CallTimeouts.of(Timeouts.DEFAULT, null, request)).isEqualTo(new CallTimeouts(15_000, 0, 0, 0));
    }

    /** The rows with headers were tried with Envoy 1.40. An empty cell stands for nothing said. */
    @ParameterizedTest
    @CsvSource({
        // route, per try, header, per-try header -> response, per try
        "300,  ,    ,    , 300, 0",
        "0,    ,    ,    , 0,   0",
        "300, 200,  ,    , 300, 200",
        "300, 300,  ,    , 300, 0",
        "300, 400,  ,    , 300, 0",
        "0,   400,  ,    , 0,   400",
        "300,  , 100,    , 100, 0",
        "300, 200, 100,  , 100, 0",
        "300, 200,  , 100, 300, 100",
        "300, 200, 0,    , 0,   200",
        "300,  , abc,    , 300, 0",
        "300, 200,  , abc, 300, 200",
        "300,  ,    , 100, 300, 100"
    })
    void of_routePolicyAndHeaders(
            long route,
            @Nullable Long perTry,
            @Nullable String header,
            @Nullable String perTryHeader,
            long expected,
            long expectedPerTry) {
        add("x-envoy-upstream-rq-timeout-ms", header);
        add("x-envoy-upstream-rq-per-try-timeout-ms", perTryHeader);
        CallTimeouts timeouts = CallTimeouts.of(
                new Timeouts(Duration.ofMillis(route), null, null), perTry == null ? null : policy(perTry), request);
        assertThat(timeouts.response()).isEqualTo(expected);
        assertThat(timeouts.perTry()).isEqualTo(expectedPerTry);
        assertThat(request.headers().size()).as("headers left").isZero();
    }

    /** The rows in milliseconds and seconds were timed with Envoy 1.40. */
    @ParameterizedTest
    @CsvSource({
        // max, grpc max, offset, grpc-timeout -> limit of the stream
        "500,   ,   ,      , 500",
        "500,   ,   , 200m , 500",
        "500, 300,  , 200m , 200",
        "500, 300,  , 2S   , 300",
        "500, 0,    , 2S   , 2000",
        "500, 300,  ,      , 500",
        "500, 300, 50, 200m, 150",
        "500, 400, 250, 390m, 140",
        "500, 400, 250, 200m, 1",
        "500, 400, 250, 260m, 10",
        "500, 400, 50, 2S,  350",
        "500, 300,  , 0m   , 1",
        "   , 0,    , 0m   , 1",
        "   , 300,  ,      , 0",
        "   , 300,  , 1H   , 300",
        "   , 0,    , 1M   , 60000",
        "   , 0,    , 1500u, 2",
        "   , 0,    , 1n   , 1",
        "500, 300,  , nonsense, 500",
        "500, 300,  , 123456789S, 500"
    })
    void of_maxStreamDuration_takesThePlaceOfTheResponseTimeout(
            @Nullable Long max, @Nullable Long grpcMax, @Nullable Long offset, @Nullable String header, long expected) {
        add("grpc-timeout", header);
        Timeouts route =
                new Timeouts(Duration.ofSeconds(15), null, new MaxStreamDuration(ms(max), ms(grpcMax), ms(offset)));
        CallTimeouts timeouts = CallTimeouts.of(route, null, request);
        assertThat(timeouts.response()).isZero();
        assertThat(timeouts.maxStream()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        // response, per try, elapsed -> announced
        "15000, 0,   0,     15000",
        "15000, 0,   400,   14600",
        "15000, 200, 0,     200",
        "15000, 200, 14900, 100",
        "15000, 0,   15000, 1",
        "0,     200, 400,   200",
        "0,     0,   0,     "
    })
    void announce_tellsWhatIsLeft(long response, long perTry, long elapsed, @Nullable String expected) {
        new CallTimeouts(response, perTry, 0, 0).announce(request, elapsed);
        assertThat(request.headers().get("x-envoy-expected-rq-timeout-ms")).isEqualTo(expected);
    }

    private void add(String name, @Nullable String value) {
        if (value != null) {
            request.headers().add(name, value);
        }
    }

    private static @Nullable Duration ms(@Nullable Long millis) {
        return millis == null ? null : Duration.ofMillis(millis);
    }

    private static RetryPolicy policy(long perTry) {
        return new RetryPolicy(
                Set.of(RetryPolicy.Condition.RESET),
                1,
                Duration.ofMillis(perTry),
                null,
                List.of(),
                1,
                Set.of(),
                BackOff.DEFAULT,
                null,
                List.of(),
                List.of());
    }
}
