package io.inmesh.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happens to a request that a route takes. */
public sealed interface RouteAction {

    /**
     * Goes to a cluster: {@code envoy.config.route.v3.RouteAction}.
     *
     * @param cluster               which cluster
     * @param clusterNotFoundStatus 503, or 404, when there is no such cluster
     * @param pathRewrite           a change of the path, or null
     * @param hostRewrite           a change of the authority, or null
     * @param appendForwardedHost   {@code append_x_forwarded_host}: whether the authority before its change is told upstream
     * @param timeouts              limits of time
     * @param retryPolicy           null if the virtual host's counts
     * @param highPriority          which of a cluster's two sets of thresholds counts
     * @param hashPolicies          what the request's hash is made of
     */
    record Forward(
            ClusterChoice cluster,
            int clusterNotFoundStatus,
            @Nullable PathRewrite pathRewrite,
            @Nullable HostRewrite hostRewrite,
            boolean appendForwardedHost,
            Timeouts timeouts,
            @Nullable RetryPolicy retryPolicy,
            boolean highPriority,
            List<HashPolicy> hashPolicies)
            implements RouteAction {

        /** To one cluster, with Envoy's defaults. */
        public static Forward to(String cluster) {
            return to(new ClusterChoice.Named(cluster));
        }

        /** To a cluster so chosen, with Envoy's defaults. */
        public static Forward to(ClusterChoice cluster) {
            return new Forward(cluster, 503, null, null, false, Timeouts.DEFAULT, null, false, List.of());
        }

        /** The same with these limits of time and this retry policy. */
        public Forward with(Timeouts newTimeouts, @Nullable RetryPolicy newRetryPolicy) {
            return new Forward(
                    cluster,
                    clusterNotFoundStatus,
                    pathRewrite,
                    hostRewrite,
                    appendForwardedHost,
                    newTimeouts,
                    newRetryPolicy,
                    highPriority,
                    hashPolicies);
        }

        /** The same with these rewrites. */
        public Forward with(@Nullable PathRewrite newPathRewrite, @Nullable HostRewrite newHostRewrite) {
            return new Forward(
                    cluster,
                    clusterNotFoundStatus,
                    newPathRewrite,
                    newHostRewrite,
                    appendForwardedHost,
                    timeouts,
                    retryPolicy,
                    highPriority,
                    hashPolicies);
        }
    }

    /**
     * Is sent elsewhere: {@code envoy.config.route.v3.RedirectAction}.
     *
     * @param httpsRedirect {@code https_redirect}: the scheme becomes https, and a port that is the old scheme's own is dropped
     * @param scheme        {@code scheme_redirect}, or null
     * @param host          {@code host_redirect}, or null
     * @param port          {@code port_redirect}, or 0
     * @param path          a change of the path, or null
     * @param status        301, 302, 303, 307 or 308
     * @param stripQuery    whether the query is left out
     */
    record Redirect(
            boolean httpsRedirect,
            @Nullable String scheme,
            @Nullable String host,
            int port,
            @Nullable PathRewrite path,
            int status,
            boolean stripQuery)
            implements RouteAction {}

    /**
     * Is answered at once: {@code envoy.config.route.v3.DirectResponseAction}.
     *
     * @param status 200 to 599
     * @param body   the text, or null
     */
    record DirectResponse(int status, @Nullable String body) implements RouteAction {}

    /** Is served by whoever listens: {@code non_forwarding_action}. A client that comes here has a wrong configuration. */
    record NonForwarding() implements RouteAction {}

    /** Which cluster. */
    sealed interface ClusterChoice {
        /** Always this one. */
        record Named(String cluster) implements ClusterChoice {}

        /** The one that a request header names, given in lower case; without the header there is none. */
        record FromHeader(String header) implements ClusterChoice {}

        /**
         * One of several, by chance.
         *
         * @param clusters     each with its share; the weights' sum is above 0
         * @param totalWeight  their sum
         * @param randomHeader {@code header_name}: a request header in lower case whose number takes the place of chance, or null
         */
        record Weighted(
                List<ClusterWeight> clusters,
                long totalWeight,
                @Nullable String randomHeader) implements ClusterChoice {
            /** Clusters with their shares. */
            public static Weighted of(ClusterWeight... clusters) {
                long total = 0;
                for (ClusterWeight cluster : clusters) {
                    total += cluster.weight();
                }
                return new Weighted(List.of(clusters), total, null);
            }
        }
    }

    /**
     * {@code WeightedCluster.ClusterWeight}.
     *
     * @param cluster       its name, or null if a header names it
     * @param clusterHeader the request header in lower case that names it, or null
     * @param weight        0 and above
     * @param rules         header rules and filter configuration of this level
     * @param hostRewrite   {@code host_rewrite_literal}, in place of the route's host rewrite, or null
     */
    record ClusterWeight(
            @Nullable String cluster,
            @Nullable String clusterHeader,
            long weight,
            LevelRules rules,
            @Nullable String hostRewrite) {
        /** A cluster and its share. */
        public static ClusterWeight of(String cluster, long weight) {
            return new ClusterWeight(cluster, null, weight, LevelRules.NONE, null);
        }
    }

    /** A change of the path. */
    sealed interface PathRewrite {
        /** {@code prefix_rewrite}: takes the place of what the route's path matcher matched; the query stays. */
        record Prefix(String replacement) implements PathRewrite {}

        /** {@code regex_rewrite}: on the path without the query. */
        record Regex(RegexRewrite rewrite) implements PathRewrite {}

        /** {@code envoy.path.rewrite.uri_template.uri_template_rewriter}: made of the variables of the route's own template. */
        record Template(UriTemplateRewrite template) implements PathRewrite {}

        /** {@code path_redirect}, of redirects only: the whole path; the query stays unless the new path brings its own. */
        record Full(String path) implements PathRewrite {}
    }

    /** A change of the authority. */
    sealed interface HostRewrite {
        /** {@code host_rewrite_literal}. */
        record Literal(String host) implements HostRewrite {}

        /** {@code auto_host_rewrite}: the chosen endpoint's own host name, in clusters that have one. */
        record Auto() implements HostRewrite {}

        /** {@code host_rewrite_header}: the value of a request header, given in lower case. */
        record FromHeader(String header) implements HostRewrite {}

        /** {@code host_rewrite_path_regex}: made of the path without the query. */
        record FromPath(RegexRewrite rewrite) implements HostRewrite {}
    }

    /**
     * Limits of time of a route.
     *
     * @param response           {@code timeout}, from the end of the request to the end of the response; null = none
     * @param idle               {@code idle_timeout}; null if the connection manager's counts, zero = none
     * @param maxStream          {@code max_stream_duration}, or null
     */
    record Timeouts(
            @Nullable Duration response,
            @Nullable Duration idle,
            @Nullable MaxStreamDuration maxStream) {
        /** Envoy's: 15 s for the response, nothing else said. */
        public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(15), null, null);
    }

    /**
     * {@code RouteAction.MaxStreamDuration}. When one of the first two is set, the response timeout does not count.
     *
     * @param max                 for the whole stream, zero = none; null if unset
     * @param grpcTimeoutMax      the most that {@code grpc-timeout} may ask for, zero = anything; null if it is not heeded
     * @param grpcTimeoutOffset   taken from what {@code grpc-timeout} asks for, or null
     */
    record MaxStreamDuration(
            @Nullable Duration max,
            @Nullable Duration grpcTimeoutMax,
            @Nullable Duration grpcTimeoutOffset) {}
}
