package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.KeyValueAppend;
import io.envoyproxy.envoy.config.core.v3.KeyValueMutation;
import io.envoyproxy.envoy.config.core.v3.KeyValuePair;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;

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
    }
}
