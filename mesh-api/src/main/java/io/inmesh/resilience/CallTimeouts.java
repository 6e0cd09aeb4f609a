package io.inmesh.resilience;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RouteAction.MaxStreamDuration;
import io.inmesh.model.RouteAction.Timeouts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of time of one call, in milliseconds, 0 = none.
 *
 * <ul>
 * <li>{@code response} counts from the end of the request (its last byte read from the application) to the end of the response, over all attempts and the
 *     pauses between them. When it is over there is no further retry: {@link RouterReplies#responseTimeout}, or a broken-off body if the
 *     head was out already.
 * <li>{@code perTry} counts for each attempt from when it has a connection and the request has ended, to the head of its response; waiting for a connection
 *     is limited by the cluster's connect timeout. When it is over the attempt is reset, and {@link RetryState#onReset} decides
 *     ({@link io.inmesh.exchange.ResetReason#LOCAL_RESET}); if its outcome stands: {@link RouterReplies#perTryTimeout}.
 * <li>{@code perTryIdle} counts likewise, and anew with each byte of the response.
 * <li>{@code maxStream} counts from the start of the request, whatever its state.
 * </ul>
 *
 * @param response   {@code RouteAction.timeout}, 15 s when unset
 * @param perTry     {@code RetryPolicy.per_try_timeout}; of no effect, and 0, where it is not below {@code response}
 * @param perTryIdle {@code RetryPolicy.per_try_idle_timeout}
 * @param maxStream  {@code RouteAction.max_stream_duration}; in place of {@code response} where it is set
 */
public record CallTimeouts(long response, long perTry, long perTryIdle, long maxStream) {

    /**
     * The limits of a call. The headers that Envoy's router consumes, {@code x-envoy-upstream-rq-timeout-ms} and
     * {@code x-envoy-upstream-rq-per-try-timeout-ms}, count before the route and are taken out of the head.
     */
    public static CallTimeouts of(Timeouts route, @Nullable RetryPolicy policy, RequestHead head) {
        Headers headers = head.headers();
        MaxStreamDuration maxStream = route.maxStream();
        // RouteEntry::usingNewTimeouts: with max_stream_duration or grpc_timeout_header_max the response timeout does
        // not count.
        boolean byStream = maxStream != null && (maxStream.max() != null || maxStream.grpcTimeoutMax() != null);
        long response = byStream ? 0 : millis(route.response());
        Long asked = take(headers, "x-envoy-upstream-rq-timeout-ms");
        if (asked != null) {
            response = asked;
        }
        long perTry = policy == null ? 0 : millis(policy.perTryTimeout());
        Long askedPerTry = take(headers, "x-envoy-upstream-rq-per-try-timeout-ms");
        if (askedPerTry != null) {
            perTry = askedPerTry;
        }
        if (response != 0 && perTry >= response) {
            perTry = 0;
        }
        return new CallTimeouts(
                response,
                perTry,
                policy == null ? 0 : millis(policy.perTryIdleTimeout()),
                maxStream != null && byStream ? stream(maxStream, headers) : 0);
    }

    /**
     * Tells the host how long this side waits, in {@code x-envoy-expected-rq-timeout-ms}: the attempt's limit, or what is left of the whole, as Envoy's
     * router does before each attempt.
     *
     * @param elapsedMillis since the end of the request, 0 before it
     */
    public void announce(RequestHead head, long elapsedMillis) {
        long expected = perTry != 0 ? perTry : response;
        if (expected == 0) {
            return;
        }
        if (response != 0) {
            // Out of time is told as 1, because 0 would mean no limit.
            expected = Math.max(1, Math.min(expected, response - elapsedMillis));
        }
        head.headers().set("x-envoy-expected-rq-timeout-ms", Long.toString(expected));
    }

    private static long stream(MaxStreamDuration limits, Headers headers) {
        long max = millis(limits.max());
        Duration grpcMax = limits.grpcTimeoutMax();
        if (grpcMax == null) {
            return max;
        }
        // A request without grpc-timeout may last as long as max_stream_duration says.
        String text = headers.get("grpc-timeout");
        long asked = text == null ? -1 : grpcTimeoutMillis(text);
        if (asked < 0) {
            return max;
        }
        long most = millis(grpcMax);
        long allowed = most == 0 ? asked : Math.min(asked, most);
        // A limit that was over before it began ends the stream at once; 0 would mean that there is none.
        return Math.max(1, allowed - millis(limits.grpcTimeoutOffset()));
    }

    /** {@code TimeoutValue TimeoutUnit} of the gRPC protocol over HTTP/2, rounded up to milliseconds; -1 if it is none. */
    private static long grpcTimeoutMillis(String text) {
        int digits = text.length() - 1;
        if (digits < 1 || digits > 8) {
            return -1;
        }
        Long value = Numbers.unsigned(text.substring(0, digits));
        if (value == null) {
            return -1;
        }
        return switch (text.charAt(digits)) {
            case 'H' -> value * 3_600_000;
            case 'M' -> value * 60_000;
            case 'S' -> value * 1_000;
            case 'm' -> value;
            case 'u' -> (value + 999) / 1_000;
            case 'n' -> (value + 999_999) / 1_000_000;
            default -> -1;
        };
    }

    private static @Nullable Long take(Headers headers, String name) {
        String value = headers.get(name);
        if (value == null) {
            return null;
        }
        headers.remove(name);
        return Numbers.unsigned(value);
    }

    private static long millis(@Nullable Duration duration) {
        return duration == null ? 0 : duration.toMillis();
    }
}
