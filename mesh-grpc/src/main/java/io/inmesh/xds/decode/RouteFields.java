package io.inmesh.xds.decode;

import com.github.xds.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.NonForwardingAction;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig;
import io.envoyproxy.envoy.type.matcher.v3.AddressMatcher;
import io.envoyproxy.envoy.type.matcher.v3.DoubleMatcher;
import io.envoyproxy.envoy.type.matcher.v3.FilterStateMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ListMatcher;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.OrMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.envoyproxy.envoy.type.v3.DoubleRange;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.Int64Range;

/** Fields of route tables. */
final class RouteFields {
    private static final String[] HEADER_RULES = {
        "request_headers_to_add", "request_headers_to_remove", "response_headers_to_add", "response_headers_to_remove"
    };

    private RouteFields() {}

    static void declare(SupportedFields fields) {
        declareTables(fields);
        declareMatching(fields);
        declareMatchers(fields);
        declareActions(fields);
        declareRetries(fields);
        fields.type(HeaderValueOption.getDescriptor())
                .supported("header", "append", "append_action", "keep_empty_value");
        fields.type(HeaderValue.getDescriptor()).supported("key", "value", "raw_value");
        fields.type(Metadata.getDescriptor()).supported("filter_metadata");
    }

    private static void declareTables(SupportedFields fields) {
        fields.type(RouteConfiguration.getDescriptor())
                .supported(
                        "name",
                        "virtual_hosts",
                        "most_specific_header_mutations_wins",
                        "max_direct_response_body_size_bytes",
                        "ignore_port_in_host_matching",
                        "ignore_path_parameters_in_path_matching",
                        "typed_per_filter_config",
                        "metadata")
                .supported(HEADER_RULES)
                // A route to a cluster that is not there answers 503, whether a check was asked for or not.
                .noEffect("validate_clusters");
        fields.type(VirtualHost.getDescriptor())
                .supported(
                        "name",
                        "domains",
                        "routes",
                        "require_tls",
                        "typed_per_filter_config",
                        "include_request_attempt_count",
                        "include_attempt_count_in_response",
                        "include_is_timeout_retry_header",
                        "retry_policy",
                        "per_request_buffer_limit_bytes",
                        "metadata")
                .supported(HEADER_RULES)
                .noEffect("virtual_clusters");
        fields.type(Route.getDescriptor())
                .supported(
                        "name",
                        "match",
                        "route",
                        "redirect",
                        "direct_response",
                        "non_forwarding_action",
                        "metadata",
                        "typed_per_filter_config",
                        "per_request_buffer_limit_bytes")
                .supported(HEADER_RULES)
                .noEffect("stat_prefix", "decorator", "tracing")
                .refused("filter_action");
        fields.type(FilterConfig.getDescriptor()).supported("config", "is_optional", "disabled");
        fields.type(NonForwardingAction.getDescriptor());
    }

    private static void declareMatching(SupportedFields fields) {
        fields.type(RouteMatch.getDescriptor())
                .supported(
                        "prefix",
                        "path",
                        "safe_regex",
                        "connect_matcher",
                        "path_separated_prefix",
                        "path_match_policy",
                        "case_sensitive",
                        "runtime_fraction",
                        "headers",
                        "query_parameters",
                        "grpc",
                        "dynamic_metadata",
                        "filter_state",
                        "tls_context");
        fields.type(RouteMatch.TlsContextMatchOptions.getDescriptor()).supported("presented", "validated");
        fields.type(HeaderMatcher.getDescriptor())
                .supported(
                        "name",
                        "exact_match",
                        "safe_regex_match",
                        "range_match",
                        "present_match",
                        "prefix_match",
                        "suffix_match",
                        "contains_match",
                        "string_match",
                        "invert_match",
                        "treat_missing_header_as_empty");
        fields.type(QueryParameterMatcher.getDescriptor()).supported("name", "string_match", "present_match");
        // There is no runtime layer: what a runtime key would override is its default value.
        fields.type(RuntimeFractionalPercent.getDescriptor())
                .supported("default_value")
                .noEffect("runtime_key");
        fields.type(FractionalPercent.getDescriptor()).supported("numerator", "denominator");
        fields.type(UriTemplateMatchConfig.getDescriptor()).supported("path_template");
        fields.type(UriTemplateRewriteConfig.getDescriptor()).supported("path_template_rewrite");
        fields.type(TypedExtensionConfig.getDescriptor()).supported("name", "typed_config");
    }

    private static void declareMatchers(SupportedFields fields) {
        fields.type(StringMatcher.getDescriptor())
                .supported("exact", "prefix", "suffix", "safe_regex", "contains", "ignore_case")
                .refused("custom");
        fields.type(RegexMatcher.getDescriptor()).supported("regex").noEffect("google_re2");
        fields.type(RegexMatchAndSubstitute.getDescriptor()).supported("pattern", "substitution");
        fields.type(Int64Range.getDescriptor()).supported("start", "end");
        fields.type(MetadataMatcher.getDescriptor()).supported("filter", "path", "value", "invert");
        fields.type(MetadataMatcher.PathSegment.getDescriptor()).supported("key");
        fields.type(ValueMatcher.getDescriptor())
                .supported(
                        "null_match",
                        "double_match",
                        "string_match",
                        "bool_match",
                        "present_match",
                        "list_match",
                        "or_match");
        fields.type(DoubleMatcher.getDescriptor()).supported("range", "exact");
        fields.type(DoubleRange.getDescriptor()).supported("start", "end");
        fields.type(ListMatcher.getDescriptor()).supported("one_of");
        fields.type(OrMatcher.getDescriptor()).supported("value_matchers");
        fields.type(FilterStateMatcher.getDescriptor()).supported("key", "string_match", "address_match");
        fields.type(AddressMatcher.getDescriptor()).supported("ranges");
        fields.type(CidrRange.getDescriptor()).supported("address_prefix", "prefix_len");
    }

    private static void declareActions(SupportedFields fields) {
        fields.type(RouteAction.getDescriptor())
                .supported(
                        "cluster",
                        "cluster_header",
                        "weighted_clusters",
                        "cluster_not_found_response_code",
                        "prefix_rewrite",
                        "regex_rewrite",
                        "path_rewrite_policy",
                        "host_rewrite_literal",
                        "auto_host_rewrite",
                        "host_rewrite_header",
                        "host_rewrite_path_regex",
                        "append_x_forwarded_host",
                        "timeout",
                        "idle_timeout",
                        "retry_policy",
                        "priority",
                        "max_stream_duration")
                // Only the lower half of TLS could do anything with it.
                .noEffect("early_data_policy")
                .refused("cluster_specifier_plugin", "inline_cluster_specifier_plugin");
        fields.type(RouteAction.MaxStreamDuration.getDescriptor())
                .supported("max_stream_duration", "grpc_timeout_header_max", "grpc_timeout_header_offset");
        fields.type(WeightedCluster.getDescriptor())
                .supported("clusters", "header_name")
                .noEffect("total_weight", "runtime_key_prefix");
        fields.type(WeightedCluster.ClusterWeight.getDescriptor())
                .supported("name", "cluster_header", "weight", "typed_per_filter_config", "host_rewrite_literal")
                .supported(HEADER_RULES);
        fields.type(RedirectAction.getDescriptor())
                .supported(
                        "https_redirect",
                        "scheme_redirect",
                        "host_redirect",
                        "port_redirect",
                        "path_redirect",
                        "prefix_rewrite",
                        "regex_rewrite",
                        "response_code",
                        "strip_query");
        fields.type(DirectResponseAction.getDescriptor()).supported("status", "body");
        // Files and environment of this process are for TLS only: a body of a direct response that is one is left out,
        // and noted.
        fields.type(DataSource.getDescriptor())
                .supported("filename", "inline_bytes", "inline_string", "environment_variable", "watched_directory");
    }

    private static void declareRetries(SupportedFields fields) {
        fields.type(RetryPolicy.getDescriptor())
                .supported(
                        "retry_on",
                        "num_retries",
                        "per_try_timeout",
                        "per_try_idle_timeout",
                        "retry_host_predicate",
                        "host_selection_retry_max_attempts",
                        "retriable_status_codes",
                        "retry_back_off",
                        "rate_limited_retry_back_off",
                        "retriable_headers",
                        "retriable_request_headers");
        fields.type(RetryPolicy.RetryHostPredicate.getDescriptor()).supported("name", "typed_config");
        fields.type(RetryPolicy.RetryBackOff.getDescriptor()).supported("base_interval", "max_interval");
        fields.type(RetryPolicy.RateLimitedRetryBackOff.getDescriptor()).supported("reset_headers", "max_interval");
        fields.type(RetryPolicy.ResetHeader.getDescriptor()).supported("name", "format");
    }
}
