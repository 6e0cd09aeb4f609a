package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig;
import io.inmesh.model.HashPolicy;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.HostRewrite;
import io.inmesh.model.RouteAction.MaxStreamDuration;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.UriTemplateRewrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.RouteAction}. */
final class ForwardDecoder {
    private static final UriTemplateRewriteConfig TEMPLATE = UriTemplateRewriteConfig.getDefaultInstance();
    private static final long MAX_TOTAL_WEIGHT = 0xFFFF_FFFFL;

    private ForwardDecoder() {}

    /** The action, or null if the cluster is chosen by a plugin, which there is none of here. */
    static @Nullable Forward decode(RouteAction action, PathMatcher match, String path, Notes notes) {
        ClusterChoice choice = clusters(action, path, notes);
        if (choice == null) {
            return null;
        }
        return new Forward(
                choice,
                notFoundStatus(action),
                pathRewrite(action, match, path, notes),
                hostRewrite(action, path),
                action.getAppendXForwardedHost(),
                timeouts(action, path),
                action.hasRetryPolicy()
                        ? RetryPolicyDecoder.decode(action.getRetryPolicy(), path + ".retry_policy", notes)
                        : null,
                action.getPriority() == RoutingPriority.HIGH,
                hashPolicies(action, path));
    }

    private static @Nullable ClusterChoice clusters(RouteAction action, String path, Notes notes) {
        return switch (action.getClusterSpecifierCase()) {
            case CLUSTER -> new ClusterChoice.Named(action.getCluster());
            case CLUSTER_HEADER ->
                new ClusterChoice.FromHeader(action.getClusterHeader().toLowerCase(Locale.ROOT));
            case WEIGHTED_CLUSTERS -> weighted(action.getWeightedClusters(), path + ".weighted_clusters", notes);
            case CLUSTER_SPECIFIER_PLUGIN, INLINE_CLUSTER_SPECIFIER_PLUGIN -> null;
            case CLUSTERSPECIFIER_NOT_SET -> throw new BadResourceException(path, "names no cluster");
        };
    }

    private static ClusterChoice weighted(WeightedCluster weighted, String path, Notes notes) {
        List<ClusterWeight> clusters = Values.each(
                weighted.getClustersList(), path, "clusters", (cluster, at) -> clusterWeight(cluster, at, notes));
        long total = clusters.stream().mapToLong(ClusterWeight::weight).sum();
        if (total == 0) {
            throw new BadResourceException(path, "the sum of the weights must be above 0");
        }
        if (total > MAX_TOTAL_WEIGHT) {
            throw new BadResourceException(path, "the sum of the weights exceeds " + MAX_TOTAL_WEIGHT + ": " + total);
        }
        return new ClusterChoice.Weighted(
                clusters,
                total,
                weighted.getHeaderName().isEmpty()
                        ? null
                        : weighted.getHeaderName().toLowerCase(Locale.ROOT));
    }

    private static ClusterWeight clusterWeight(WeightedCluster.ClusterWeight cluster, String path, Notes notes) {
        boolean byHeader = !cluster.getClusterHeader().isEmpty();
        if (byHeader == !cluster.getName().isEmpty()) {
            throw new BadResourceException(path, "exactly one of name, cluster_header must be set");
        }
        if (!cluster.hasWeight()) {
            throw new BadResourceException(path + ".weight", "is required");
        }
        return new ClusterWeight(
                byHeader ? null : cluster.getName(),
                byHeader ? cluster.getClusterHeader().toLowerCase(Locale.ROOT) : null,
                Integer.toUnsignedLong(cluster.getWeight().getValue()),
                LevelDecoder.rules(
                        cluster.getRequestHeadersToAddList(),
                        cluster.getRequestHeadersToRemoveList(),
                        cluster.getResponseHeadersToAddList(),
                        cluster.getResponseHeadersToRemoveList(),
                        cluster.getTypedPerFilterConfigMap(),
                        path,
                        notes),
                cluster.getHostRewriteLiteral().isEmpty() ? null : cluster.getHostRewriteLiteral());
    }

    private static int notFoundStatus(RouteAction action) {
        return switch (action.getClusterNotFoundResponseCode()) {
            case SERVICE_UNAVAILABLE, UNRECOGNIZED -> 503;
            case NOT_FOUND -> 404;
            case INTERNAL_SERVER_ERROR -> 500;
        };
    }

    private static @Nullable PathRewrite pathRewrite(RouteAction action, PathMatcher match, String path, Notes notes) {
        int count = (action.getPrefixRewrite().isEmpty() ? 0 : 1)
                + (action.hasRegexRewrite() ? 1 : 0)
                + (action.hasPathRewritePolicy() ? 1 : 0);
        if (count > 1) {
            throw new BadResourceException(
                    path, "only one of prefix_rewrite, regex_rewrite, path_rewrite_policy can be set");
        }
        if (action.hasRegexRewrite()) {
            return new PathRewrite.Regex(
                    MatcherDecoder.regexRewrite(action.getRegexRewrite(), path + ".regex_rewrite"));
        }
        if (action.hasPathRewritePolicy()) {
            return template(
                    action.getPathRewritePolicy().getTypedConfig(), match, path + ".path_rewrite_policy", notes);
        }
        return action.getPrefixRewrite().isEmpty() ? null : new PathRewrite.Prefix(action.getPrefixRewrite());
    }

    private static PathRewrite template(Any config, PathMatcher match, String path, Notes notes) {
        if (!Values.is(config, TEMPLATE)) {
            throw new BadResourceException(path, "unknown kind of path rewrite: " + config.getTypeUrl());
        }
        if (!(match instanceof PathMatcher.Template template)) {
            throw new BadResourceException(path, "a template rewrite needs a template as path_match_policy");
        }
        String at = path + ".typed_config";
        UriTemplateRewriteConfig rewrite = Values.unpack(config, TEMPLATE, at, notes);
        try {
            UriTemplateRewrite parsed = UriTemplateRewrite.parse(rewrite.getPathTemplateRewrite());
            if (!template.template().variables().containsAll(parsed.variables())) {
                throw new BadResourceException(
                        at + ".path_template_rewrite", "names a variable that path_match_policy does not have");
            }
            return new PathRewrite.Template(parsed);
        } catch (IllegalArgumentException e) {
            throw new BadResourceException(at + ".path_template_rewrite", String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable HostRewrite hostRewrite(RouteAction action, String path) {
        return switch (action.getHostRewriteSpecifierCase()) {
            case HOST_REWRITE_LITERAL ->
                action.getHostRewriteLiteral().isEmpty()
                        ? null
                        : new HostRewrite.Literal(action.getHostRewriteLiteral());
            case AUTO_HOST_REWRITE -> action.getAutoHostRewrite().getValue() ? new HostRewrite.Auto() : null;
            case HOST_REWRITE_HEADER ->
                action.getHostRewriteHeader().isEmpty()
                        ? null
                        : new HostRewrite.FromHeader(
                                action.getHostRewriteHeader().toLowerCase(Locale.ROOT));
            case HOST_REWRITE_PATH_REGEX ->
                new HostRewrite.FromPath(MatcherDecoder.regexRewrite(
                        action.getHostRewritePathRegex(), path + ".host_rewrite_path_regex"));
            case HOSTREWRITESPECIFIER_NOT_SET -> null;
        };
    }

    private static Timeouts timeouts(RouteAction action, String path) {
        // "timeout: Specifies the upstream timeout for the route. If not specified, the default is 15s." Zero disables.
        Duration response = action.hasTimeout()
                ? Values.limit(action.getTimeout(), path + ".timeout")
                : Timeouts.DEFAULT.response();
        Duration idle =
                action.hasIdleTimeout() ? Values.duration(action.getIdleTimeout(), path + ".idle_timeout") : null;
        return new Timeouts(response, idle, action.hasMaxStreamDuration() ? maxStream(action, path) : null);
    }

    private static MaxStreamDuration maxStream(RouteAction action, String path) {
        RouteAction.MaxStreamDuration duration = action.getMaxStreamDuration();
        String at = path + ".max_stream_duration";
        return new MaxStreamDuration(
                duration.hasMaxStreamDuration()
                        ? Values.duration(duration.getMaxStreamDuration(), at + ".max_stream_duration")
                        : null,
                duration.hasGrpcTimeoutHeaderMax()
                        ? Values.duration(duration.getGrpcTimeoutHeaderMax(), at + ".grpc_timeout_header_max")
                        : null,
                duration.hasGrpcTimeoutHeaderOffset()
                        ? Values.duration(duration.getGrpcTimeoutHeaderOffset(), at + ".grpc_timeout_header_offset")
                        : null);
    }

    private static List<HashPolicy> hashPolicies(RouteAction action, String path) {
        List<HashPolicy> policies = new ArrayList<>();
        for (int i = 0; i < action.getHashPolicyCount(); i++) {
            HashPolicy policy = hashPolicy(action.getHashPolicy(i), Paths.element(path, "hash_policy", i));
            if (policy != null) {
                policies.add(policy);
            }
        }
        return List.copyOf(policies);
    }

    private static @Nullable HashPolicy hashPolicy(RouteAction.HashPolicy policy, String path) {
        boolean terminal = policy.getTerminal();
        return switch (policy.getPolicySpecifierCase()) {
            case HEADER ->
                new HashPolicy.Header(
                        policy.getHeader().getHeaderName().toLowerCase(Locale.ROOT),
                        policy.getHeader().hasRegexRewrite()
                                ? MatcherDecoder.regexRewrite(
                                        policy.getHeader().getRegexRewrite(), path + ".header.regex_rewrite")
                                : null,
                        terminal);
            case COOKIE ->
                new HashPolicy.Cookie(
                        policy.getCookie().getName(),
                        policy.getCookie().hasTtl()
                                ? Values.duration(policy.getCookie().getTtl(), path + ".cookie.ttl")
                                : null,
                        policy.getCookie().getPath(),
                        terminal);
            case CONNECTION_PROPERTIES ->
                policy.getConnectionProperties().getSourceIp() ? new HashPolicy.SourceIp(terminal) : null;
            case QUERY_PARAMETER ->
                new HashPolicy.QueryParameter(policy.getQueryParameter().getName(), terminal);
            case FILTER_STATE ->
                new HashPolicy.FilterState(policy.getFilterState().getKey(), terminal);
            case POLICYSPECIFIER_NOT_SET -> throw new BadResourceException(path, "has no policy");
        };
    }
}
