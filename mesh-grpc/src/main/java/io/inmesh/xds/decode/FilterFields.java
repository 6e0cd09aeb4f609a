package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.KeyValueAppend;
import io.envoyproxy.envoy.config.core.v3.KeyValueMutation;
import io.envoyproxy.envoy.config.core.v3.KeyValuePair;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config;

/** Fields of HTTP filters. */
final class FilterFields {
    private FilterFields() {}

    static void declare(SupportedFields fields) {
        fields.type(Router.getDescriptor())
                .supported("suppress_envoy_headers")
                .noEffect("dynamic_stats", "start_child_span", "suppress_grpc_request_failure_code_stats");
        fields.type(io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation.getDescriptor())
                .supported("mutations", "most_specific_header_mutations_wins");
        fields.type(HeaderMutationPerRoute.getDescriptor()).supported("mutations");
        fields.type(Mutations.getDescriptor())
                .supported("request_mutations", "query_parameter_mutations", "response_mutations");
        fields.type(io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation.getDescriptor())
                .supported("remove", "append");
        fields.type(KeyValueMutation.getDescriptor()).supported("append", "remove");
        fields.type(KeyValueAppend.getDescriptor()).supported("record", "action");
        fields.type(KeyValuePair.getDescriptor()).supported("key", "value");
        declareFilterState(fields);
    }

    private static void declareFilterState(SupportedFields fields) {
        fields.type(Config.getDescriptor()).supported("on_new_connection");
        // As in Envoy 1.40, which lets every object be replaced. What an upstream filter would share is not asked for
        // here.
        fields.type(FilterStateValue.getDescriptor())
                .supported("object_key", "factory_key", "format_string", "skip_if_empty")
                .noEffect("read_only", "shared_with_upstream");
        fields.type(SubstitutionFormatString.getDescriptor())
                .supported("text_format", "text_format_source", "omit_empty_values")
                .noEffect("content_type", "json_format_options")
                .refused("json_format", "formatters");
    }
}
