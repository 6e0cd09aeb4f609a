package io.inmesh.xds.decode;

import com.github.xds.type.matcher.v3.Matcher;
import com.github.xds.type.matcher.v3.RegexMatcher;
import com.github.xds.type.matcher.v3.StringMatcher;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.rbac.v3.Action;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.rbac.v3.SourcedMetadata;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.FilterStateInput;
import io.envoyproxy.envoy.extensions.matching.input_matchers.ip.v3.Ip;
import io.envoyproxy.envoy.extensions.matching.input_matchers.metadata.v3.Metadata;
import io.envoyproxy.envoy.type.matcher.v3.HttpRequestHeaderMatchInput;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.v3.Int32Range;
import java.util.Comparator;

/** Fields of authorization, and of the unified matcher. In these, whatever is not supported makes the filter let nobody through. */
final class RbacFields {
    private RbacFields() {}

    static void declare(SupportedFields fields) {
        fields.type(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor())
                .supported(
                        "rules",
                        "matcher",
                        "shadow_rules",
                        "shadow_matcher",
                        "rules_stat_prefix",
                        "shadow_rules_stat_prefix",
                        "track_per_rule_stats");
        fields.type(RBACPerRoute.getDescriptor()).supported("rbac");
        fields.type(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor())
                .supported(
                        "rules", "matcher", "shadow_rules", "shadow_matcher", "stat_prefix", "shadow_rules_stat_prefix")
                // A connection is looked at once, when all is known of it, and closed at once.
                .noEffect("enforcement_type", "delay_deny");
        declareRules(fields);
        declareMatcher(fields);
        declareInputs(fields);
    }

    private static void declareRules(SupportedFields fields) {
        // Audit loggers are gRPC's; Envoy has none.
        fields.type(RBAC.getDescriptor()).supported("action", "policies").noEffect("audit_logging_options");
        fields.type(Policy.getDescriptor())
                .supported("permissions", "principals")
                .refused("condition", "checked_condition");
        fields.type(Permission.getDescriptor())
                .supported(
                        "and_rules",
                        "or_rules",
                        "any",
                        "header",
                        "url_path",
                        "destination_ip",
                        "destination_port",
                        "destination_port_range",
                        "metadata",
                        "not_rule",
                        "requested_server_name",
                        "uri_template",
                        "sourced_metadata")
                .refused("matcher");
        fields.type(Permission.Set.getDescriptor()).supported("rules");
        fields.type(Principal.getDescriptor())
                .supported(
                        "and_ids",
                        "or_ids",
                        "any",
                        "authenticated",
                        "source_ip",
                        "direct_remote_ip",
                        "remote_ip",
                        "header",
                        "url_path",
                        "metadata",
                        "filter_state",
                        "not_id",
                        "sourced_metadata")
                .refused("custom");
        fields.type(Principal.Set.getDescriptor()).supported("ids");
        fields.type(Principal.Authenticated.getDescriptor()).supported("principal_name");
        fields.type(SourcedMetadata.getDescriptor()).supported("metadata_matcher", "metadata_source");
        fields.type(PathMatcher.getDescriptor()).supported("path");
        fields.type(CidrRange.getDescriptor()).supported("address_prefix", "prefix_len");
        fields.type(Int32Range.getDescriptor()).supported("start", "end");
        fields.type(Action.getDescriptor()).supported("name", "action");
    }

    private static void declareMatcher(SupportedFields fields) {
        fields.type(Matcher.getDescriptor()).supported("matcher_list", "matcher_tree", "on_no_match");
        fields.type(Matcher.OnMatch.getDescriptor()).supported("matcher", "action");
        fields.type(Matcher.MatcherList.getDescriptor()).supported("matchers");
        fields.type(Matcher.MatcherList.FieldMatcher.getDescriptor()).supported("predicate", "on_match");
        fields.type(Matcher.MatcherList.Predicate.getDescriptor())
                .supported("single_predicate", "or_matcher", "and_matcher", "not_matcher");
        fields.type(Matcher.MatcherList.Predicate.PredicateList.getDescriptor()).supported("predicate");
        fields.type(Matcher.MatcherList.Predicate.SinglePredicate.getDescriptor())
                .supported("input", "value_match", "custom_match");
        fields.type(Matcher.MatcherTree.getDescriptor())
                .supported("input", "exact_match_map", "prefix_match_map")
                .refused("custom_match");
        fields.type(Matcher.MatcherTree.MatchMap.getDescriptor()).supported("map");
        fields.type(com.github.xds.core.v3.TypedExtensionConfig.getDescriptor()).supported("name", "typed_config");
        fields.type(StringMatcher.getDescriptor())
                .supported("exact", "prefix", "suffix", "safe_regex", "contains", "ignore_case")
                .refused("custom");
        fields.type(RegexMatcher.getDescriptor()).supported("regex").noEffect("google_re2");
    }

    private static void declareInputs(SupportedFields fields) {
        MatchInputDecoder.OF_CONNECTION.keySet().stream()
                .map(Message::getDescriptorForType)
                .sorted(Comparator.comparing(type -> type.getFullName()))
                .forEach(fields::type);
        fields.type(HttpRequestHeaderMatchInput.getDescriptor()).supported("header_name");
        fields.type(FilterStateInput.getDescriptor()).supported("key");
        fields.type(DynamicMetadataInput.getDescriptor()).supported("filter", "path");
        fields.type(DynamicMetadataInput.PathSegment.getDescriptor()).supported("key");
        fields.type(Ip.getDescriptor()).supported("cidr_ranges").noEffect("stat_prefix");
        fields.type(Metadata.getDescriptor()).supported("value", "invert");
    }
}
