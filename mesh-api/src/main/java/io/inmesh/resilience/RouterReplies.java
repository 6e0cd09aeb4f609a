package io.inmesh.resilience;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseFlag;
import java.util.regex.Pattern;

/** What Envoy's router answers when there is no response to pass on: status, body, flag and details as Envoy 1.40 gives them. */
public final class RouterReplies {
    private static final String RESET = "upstream connect error or disconnect/reset before headers. ";
    private static final String TIMEOUT = "upstream request timeout";

    private static final Pattern WHITE_SPACE = Pattern.compile("\\s");

    private RouterReplies() {}

    /** No route matched: NR. */
    public static LocalReply routeNotFound() {
        return LocalReply.of(404, "", ResponseFlag.NO_ROUTE_FOUND, "route_not_found");
    }

    /** The route names no cluster that exists: NC, with {@code cluster_not_found_response_code}. */
    public static LocalReply clusterNotFound(int status) {
        return LocalReply.of(status, "", ResponseFlag.NO_CLUSTER_FOUND, "cluster_not_found");
    }

    /** The cluster has no host that may be used: UH. */
    public static LocalReply noHealthyUpstream() {
        return LocalReply.of(503, "no healthy upstream", ResponseFlag.NO_HEALTHY_UPSTREAM, "no_healthy_upstream");
    }

    /** The cluster has as many hosts as requests may name: the answer of Envoy's filter for dynamic forward proxies, without a flag. */
    public static LocalReply tooManyHosts() {
        return LocalReply.of(503, "DNS cache overflow", null, "dns_cache_overflow");
    }

    /** The host's name has no address: DF, the answer of Envoy's filter for dynamic forward proxies. */
    public static LocalReply unresolved(String detail) {
        return LocalReply.of(
                503,
                "DNS resolution failure",
                ResponseFlag.DNS_RESOLUTION_FAILED,
                "dns_resolution_failure{" + underscored(detail) + "}");
    }

    /** The route's time is over: UT. */
    public static LocalReply responseTimeout() {
        return LocalReply.of(504, TIMEOUT, ResponseFlag.UPSTREAM_REQUEST_TIMEOUT, "response_timeout");
    }

    /** The attempt's time is over and nothing is left to retry: UT. */
    public static LocalReply perTryTimeout() {
        return LocalReply.of(504, TIMEOUT, ResponseFlag.UPSTREAM_REQUEST_TIMEOUT, "upstream_per_try_timeout");
    }

    /** The attempt was idle for too long and nothing is left to retry: UT. */
    public static LocalReply perTryIdleTimeout() {
        return LocalReply.of(504, TIMEOUT, ResponseFlag.UPSTREAM_REQUEST_TIMEOUT, "upstream_per_try_idle_timeout");
    }

    /**
     * The last attempt was reset before the head of a response.
     *
     * @param transportFailure what the transport has to say, such as {@code delayed connect error: Connection refused}; empty if nothing. It is told in
     *                         the details only: Envoy's bodies stopped naming it.
     * @param attempts         how many attempts there were, this one included
     */
    public static LocalReply reset(ResetReason reason, String transportFailure, int attempts) {
        String text = text(reason);
        String body = RESET + (attempts > 1 ? "retried and the latest reset reason: " : "reset reason: ") + text;
        String facts = transportFailure.isEmpty() ? text : text + "|" + transportFailure;
        String details = "upstream_reset_before_response_started{" + underscored(facts) + "}";
        Headers headers = new Headers();
        if (reason == ResetReason.OVERFLOW) {
            headers.add("x-envoy-overloaded", "true");
        }
        int status = reason == ResetReason.PROTOCOL_ERROR ? 502 : 503;
        return new LocalReply(status, body, headers, flag(reason), details);
    }

    /** Envoy's {@code StringUtil::replaceAllEmptySpace}. */
    private static String underscored(String text) {
        return WHITE_SPACE.matcher(text).replaceAll("_");
    }

    /** The flag of an attempt that ended so. */
    public static ResponseFlag flag(ResetReason reason) {
        return switch (reason) {
            case CONNECTION_FAILURE, CONNECTION_TIMEOUT -> ResponseFlag.UPSTREAM_CONNECTION_FAILURE;
            case CONNECTION_TERMINATION -> ResponseFlag.UPSTREAM_CONNECTION_TERMINATION;
            case REMOTE_RESET, REMOTE_REFUSED_STREAM -> ResponseFlag.UPSTREAM_REMOTE_RESET;
            case OVERFLOW -> ResponseFlag.UPSTREAM_OVERFLOW;
            case PROTOCOL_ERROR -> ResponseFlag.UPSTREAM_PROTOCOL_ERROR;
            case RESOLUTION_FAILURE -> ResponseFlag.DNS_RESOLUTION_FAILED;
            case LOCAL_RESET -> ResponseFlag.LOCAL_RESET;
        };
    }

    /** The words of Envoy's {@code resetReasonToString}. */
    private static String text(ResetReason reason) {
        return switch (reason) {
            case CONNECTION_FAILURE -> "remote connection failure";
            case CONNECTION_TIMEOUT -> "connection timeout";
            case CONNECTION_TERMINATION -> "connection termination";
            case REMOTE_RESET -> "remote reset";
            case REMOTE_REFUSED_STREAM -> "remote refused stream reset";
            case OVERFLOW -> "overflow";
            case PROTOCOL_ERROR -> "protocol error";
            case RESOLUTION_FAILURE -> "dns resolution failure";
            case LOCAL_RESET -> "local reset";
        };
    }
}
