package io.inmesh.model;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which failed attempts are made again, and how: {@code envoy.config.route.v3.RetryPolicy}.
 *
 * @param retryOn                 the conditions; none means no retry
 * @param numRetries              1 by default
 * @param perTryTimeout           for each attempt, or null if only the route's timeout counts
 * @param perTryIdleTimeout       without a byte of an attempt's response, or null if there is none
 * @param hostPredicates          which hosts a retry avoids
 * @param hostSelectionAttempts   {@code host_selection_retry_max_attempts}, 1 by default
 * @param retriableStatusCodes    for {@link Condition#RETRIABLE_STATUS_CODES}
 * @param backOff                 the pause before a retry
 * @param rateLimitedBackOff      the pause that the response asks for, or null if that is not heeded
 * @param retriableHeaders        response headers for {@link Condition#RETRIABLE_HEADERS}; one of them suffices
 * @param retriableRequestHeaders if there are any, one of them must match for the request to be retried at all
 */
public record RetryPolicy(
        Set<Condition> retryOn,
        int numRetries,
        @Nullable Duration perTryTimeout,
        @Nullable Duration perTryIdleTimeout,
        List<HostPredicate> hostPredicates,
        int hostSelectionAttempts,
        Set<Integer> retriableStatusCodes,
        BackOff backOff,
        @Nullable RateLimitedBackOff rateLimitedBackOff,
        List<HeaderMatcher> retriableHeaders,
        List<HeaderMatcher> retriableRequestHeaders) {

    /** A policy with these conditions and Envoy's defaults otherwise. */
    public static RetryPolicy of(int numRetries, Condition... retryOn) {
        return new RetryPolicy(
                Set.of(retryOn),
                numRetries,
                null,
                null,
                List.of(),
                1,
                Set.of(),
                BackOff.DEFAULT,
                null,
                List.of(),
                List.of());
    }

    /** The names of {@code x-envoy-retry-on} and {@code x-envoy-retry-grpc-on}; a policy's {@code retry_on} takes both. */
    public enum Condition {
        /** Any 5xx, or no response at all. */
        FIVE_XX("5xx"),
        /** 502, 503, 504, or no response at all. */
        GATEWAY_ERROR("gateway-error"),
        /** No response at all. */
        RESET("reset"),
        /** No response, and the request had not been sent. */
        RESET_BEFORE_REQUEST("reset-before-request"),
        /** No connection. */
        CONNECT_FAILURE("connect-failure"),
        /** {@code x-envoy-ratelimited} is in the response. */
        ENVOY_RATELIMITED("envoy-ratelimited"),
        /** 409. */
        RETRIABLE_4XX("retriable-4xx"),
        /** REFUSED_STREAM. */
        REFUSED_STREAM("refused-stream"),
        /** One of the codes listed. */
        RETRIABLE_STATUS_CODES("retriable-status-codes"),
        /** One of the response headers listed. */
        RETRIABLE_HEADERS("retriable-headers"),
        /** HTTP/3 failed after connecting; never happens here. */
        HTTP3_POST_CONNECT_FAILURE("http3-post-connect-failure"),
        /** gRPC status 1. */
        GRPC_CANCELLED("cancelled"),
        /** gRPC status 4. */
        GRPC_DEADLINE_EXCEEDED("deadline-exceeded"),
        /** gRPC status 13. */
        GRPC_INTERNAL("internal"),
        /** gRPC status 8. */
        GRPC_RESOURCE_EXHAUSTED("resource-exhausted"),
        /** gRPC status 14. */
        GRPC_UNAVAILABLE("unavailable");

        private final String word;

        Condition(String word) {
            this.word = word;
        }

        /** As it is written in {@code retry_on}. */
        public String word() {
            return word;
        }

        /** The condition of that name, or null if there is none; Envoy passes over names that it does not know. */
        public static @Nullable Condition ofWord(String word) {
            for (Condition condition : values()) {
                if (condition.word.equals(word)) {
                    return condition;
                }
            }
            return null;
        }
    }

    /** {@code retry_host_predicate}. */
    public enum HostPredicate {
        /** {@code envoy.retry_host_predicates.previous_hosts}. */
        PREVIOUS_HOSTS,
        /** {@code envoy.retry_host_predicates.omit_canary_hosts}. */
        OMIT_CANARY_HOSTS
    }

    /**
     * {@code RetryBackOff}.
     *
     * @param base 25 ms by default, at least 1 ms
     * @param max  ten times the base by default
     */
    public record BackOff(Duration base, Duration max) {
        /** 25 ms and 250 ms. */
        public static final BackOff DEFAULT = new BackOff(Duration.ofMillis(25), Duration.ofMillis(250));
    }

    /**
     * {@code RateLimitedRetryBackOff}.
     *
     * @param resetHeaders the first one that is there and within {@code max} counts
     * @param max          300 s by default
     */
    public record RateLimitedBackOff(List<ResetHeader> resetHeaders, Duration max) {}

    /**
     * {@code ResetHeader}.
     *
     * @param name          in lower case
     * @param unixTimestamp whether its value is a point in time, in seconds since 1970; otherwise it is a number of seconds
     */
    public record ResetHeader(String name, boolean unixTimestamp) {}
}
