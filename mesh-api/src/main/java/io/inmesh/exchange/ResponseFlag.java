package io.inmesh.exchange;

/**
 * Why a response is not simply the upstream's answer, in Envoy's letters
 * (<a href="https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage">%RESPONSE_FLAGS%</a>).
 */
public enum ResponseFlag {
    /** No route matched. */
    NO_ROUTE_FOUND("NR"),
    /** The route names a cluster that does not exist. */
    NO_CLUSTER_FOUND("NC"),
    /** The cluster has no host that may be used. */
    NO_HEALTHY_UPSTREAM("UH"),
    /** A threshold of the cluster was reached. */
    UPSTREAM_OVERFLOW("UO"),
    /** No connection to the host could be made. */
    UPSTREAM_CONNECTION_FAILURE("UF"),
    /** The host ended the connection before it had answered. */
    UPSTREAM_CONNECTION_TERMINATION("UC"),
    /** The host reset the stream. */
    UPSTREAM_REMOTE_RESET("UR"),
    /** This side reset the stream. */
    LOCAL_RESET("LR"),
    /** The route's or the attempt's time was over. */
    UPSTREAM_REQUEST_TIMEOUT("UT"),
    /** All retries were used up. */
    UPSTREAM_RETRY_LIMIT_EXCEEDED("URX"),
    /** The host's answer broke the protocol. */
    UPSTREAM_PROTOCOL_ERROR("UPE"),
    /** The caller gave up. */
    DOWNSTREAM_CONNECTION_TERMINATION("DC"),
    /** Nothing was sent or received for too long. */
    STREAM_IDLE_TIMEOUT("SI"),
    /** The stream as a whole took too long. */
    DURATION_TIMEOUT("DT"),
    /** A filter found no permission for the request. */
    UNAUTHORIZED_EXTERNAL_SERVICE("UAEX"),
    /** Over a rate limit. */
    RATE_LIMITED("RL"),
    /** A fault that was asked for. */
    FAULT_INJECTED("FI"),
    /** The request itself was not acceptable. */
    DOWNSTREAM_PROTOCOL_ERROR("DPE"),
    /** The host's name could not be resolved. */
    DNS_RESOLUTION_FAILED("DF"),
    /** A filter's configuration could not be used, so nothing was let through. */
    NO_FILTER_CONFIG_FOUND("NFCF");

    private final String code;

    ResponseFlag(String code) {
        this.code = code;
    }

    /** The letters that Envoy prints in an access log. */
    public String code() {
        return code;
    }
}
