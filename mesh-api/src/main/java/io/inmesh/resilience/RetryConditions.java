package io.inmesh.resilience;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.Condition;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which outcomes of an attempt are retried: {@code RetryPolicy.retry_on} together with what the request's headers add to it.
 *
 * @param on             the conditions
 * @param earlyData      whether the request came with {@code early-data}, in which case a 425 is not ours to retry
 * @param codes          of the policy
 * @param moreCodes      of the request
 * @param headers        of the policy
 * @param moreHeaders    of the request
 */
record RetryConditions(
        Set<Condition> on,
        boolean earlyData,
        Collection<Integer> codes,
        Collection<Integer> moreCodes,
        List<HeaderMatcher> headers,
        List<HeaderMatcher> moreHeaders) {
    /** Whether to retry. */
    enum Verdict {
        NO,
        WITH_PAUSE,
        AT_ONCE
    }

    /** The conditions on {@code grpc-status}. */
    static final Map<Condition, String> GRPC = Map.of(
            Condition.GRPC_CANCELLED, "1",
            Condition.GRPC_DEADLINE_EXCEEDED, "4",
            Condition.GRPC_RESOURCE_EXHAUSTED, "8",
            Condition.GRPC_INTERNAL, "13",
            Condition.GRPC_UNAVAILABLE, "14");

    private static final int CONFLICT = 409;
    private static final int TOO_EARLY = 425;

    static RetryConditions of(RetryPolicy policy, RetryHeaders asked, RequestHead head) {
        Set<Condition> on = policy.retryOn();
        if (!isRetriable(policy.retriableRequestHeaders(), head)) {
            on = Set.of();
        } else if (asked.retryOn() != null && !asked.retryOn().isEmpty()) {
            EnumSet<Condition> both = EnumSet.copyOf(asked.retryOn());
            both.addAll(on);
            on = both;
        }
        return new RetryConditions(
                on,
                head.headers().contains("early-data"),
                policy.retriableStatusCodes(),
                asked.retriableCodes(),
                policy.retriableHeaders(),
                asked.retriableHeaders());
    }

    /** {@code retriable_request_headers}: if there are any, one must match for the request to be retried at all. */
    private static boolean isRetriable(List<HeaderMatcher> requestHeaders, RequestHead head) {
        for (HeaderMatcher matcher : requestHeaders) {
            if (matcher.matches(head)) {
                return true;
            }
        }
        return requestHeaders.isEmpty();
    }

    boolean isEmpty() {
        return on.isEmpty();
    }

    Verdict ofResponse(ResponseHead response) {
        if (on.isEmpty()) {
            return Verdict.NO;
        }
        if (response.headers().contains("x-envoy-ratelimited")) {
            // The answer of another Envoy over its limit: no other condition gets it retried.
            return on.contains(Condition.ENVOY_RATELIMITED) ? Verdict.WITH_PAUSE : Verdict.NO;
        }
        int status = response.status();
        if ((status >= 500 && status <= 599 && on.contains(Condition.FIVE_XX))
                || (status >= 502 && status <= 504 && on.contains(Condition.GATEWAY_ERROR))
                || (status == CONFLICT && on.contains(Condition.RETRIABLE_4XX))) {
            return Verdict.WITH_PAUSE;
        }
        if ((codes.contains(status) || moreCodes.contains(status)) && on.contains(Condition.RETRIABLE_STATUS_CODES)) {
            if (status != TOO_EARLY) {
                return Verdict.WITH_PAUSE;
            }
            if (!earlyData) {
                return Verdict.AT_ONCE;
            }
        }
        if (on.contains(Condition.RETRIABLE_HEADERS)
                && (matches(headers, response) || matches(moreHeaders, response))) {
            return Verdict.WITH_PAUSE;
        }
        return isRetriableGrpcStatus(response) ? Verdict.WITH_PAUSE : Verdict.NO;
    }

    private static boolean matches(List<HeaderMatcher> matchers, ResponseHead response) {
        for (HeaderMatcher matcher : matchers) {
            if (matcher.matches(response)) {
                return true;
            }
        }
        return false;
    }

    /** Only a status in the head counts, that is a response without messages: the trailers of others come too late. */
    private boolean isRetriableGrpcStatus(ResponseHead response) {
        String status = response.headers().get("grpc-status");
        if (status == null) {
            return false;
        }
        for (Map.Entry<Condition, String> condition : GRPC.entrySet()) {
            if (status.equals(condition.getValue()) && on.contains(condition.getKey())) {
                return true;
            }
        }
        return false;
    }

    Verdict ofReset(ResetReason reason, boolean requestStarted) {
        if (reason == ResetReason.OVERFLOW || reason == ResetReason.RESOLUTION_FAILURE) {
            return Verdict.NO;
        }
        boolean noConnection = reason == ResetReason.CONNECTION_FAILURE || reason == ResetReason.CONNECTION_TIMEOUT;
        boolean retried = (noConnection && on.contains(Condition.CONNECT_FAILURE))
                || (!requestStarted && on.contains(Condition.RESET_BEFORE_REQUEST))
                || on.contains(Condition.RESET)
                || on.contains(Condition.FIVE_XX)
                || on.contains(Condition.GATEWAY_ERROR)
                || (reason == ResetReason.REMOTE_REFUSED_STREAM && on.contains(Condition.REFUSED_STREAM));
        return retried ? Verdict.WITH_PAUSE : Verdict.NO;
    }
}
