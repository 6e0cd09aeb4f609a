package io.inmesh.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a set of domains: {@code envoy.config.route.v3.VirtualHost}.
 *
 * @param name                          its name, for people and telemetry
 * @param domains                       exact, {@code *.suffix}, {@code prefix.*}, or {@code *}; case does not matter
 * @param routes                        the first one that matches is taken
 * @param requireTls                    whether plain requests are sent to https
 * @param rules                         header rules and filter configuration of this level
 * @param retryPolicy                   for routes without one of their own, or null
 * @param includeRequestAttemptCount    {@code include_request_attempt_count}
 * @param includeAttemptCountInResponse {@code include_attempt_count_in_response}
 * @param includeIsTimeoutRetryHeader   {@code include_is_timeout_retry_header}
 * @param requestBodyBufferLimit        bytes of a request's body that a retry may replay, or -1 if the cluster's limit counts
 * @param metadata                      {@code metadata.filter_metadata}, as nested maps
 */
public record VirtualHost(
        String name,
        List<String> domains,
        List<Route> routes,
        RequireTls requireTls,
        LevelRules rules,
        @Nullable RetryPolicy retryPolicy,
        boolean includeRequestAttemptCount,
        boolean includeAttemptCountInResponse,
        boolean includeIsTimeoutRetryHeader,
        long requestBodyBufferLimit,
        Map<String, Map<String, Object>> metadata) {

    /** {@code TlsRequirementType}. */
    public enum RequireTls {
        /** Plain is fine. */
        NONE,
        /** Requests from outside must use https; a request of this process itself is an internal one. */
        EXTERNAL_ONLY,
        /** All requests must use https. */
        ALL
    }

    /** A virtual host with Envoy's defaults. */
    public static VirtualHost of(String name, List<String> domains, Route... routes) {
        return new VirtualHost(
                name,
                domains,
                List.of(routes),
                RequireTls.NONE,
                LevelRules.NONE,
                null,
                false,
                false,
                false,
                -1,
                Map.of());
    }
}
