package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.core.v3.KeyValueAppend.KeyValueAppendAction;
import io.envoyproxy.envoy.config.core.v3.KeyValueMutation;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderEdit.AppendAction;
import io.inmesh.model.HeaderMutationFilter;
import io.inmesh.model.HeaderMutationFilter.QueryEdit;
import java.util.List;
import java.util.Locale;

/** {@code envoy.filters.http.header_mutation}. */
final class HeaderMutationDecoder {
    static final io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation TYPE =
            io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation.getDefaultInstance();
    static final HeaderMutationPerRoute ROUTE_TYPE = HeaderMutationPerRoute.getDefaultInstance();

    private HeaderMutationDecoder() {}

    static HeaderMutationFilter decode(Any any, String path, Notes notes) {
        var filter = Values.unpack(any, TYPE, path, notes);
        return mutations(filter.getMutations(), filter.getMostSpecificHeaderMutationsWins(), path + ".mutations");
    }

    static HeaderMutationFilter decodeOverride(Any any, String path, Notes notes) {
        HeaderMutationPerRoute override = Values.unpack(any, ROUTE_TYPE, path, notes);
        return mutations(override.getMutations(), false, path + ".mutations");
    }

    private static HeaderMutationFilter mutations(Mutations mutations, boolean mostSpecificWins, String path) {
        return new HeaderMutationFilter(
                Values.each(
                        mutations.getRequestMutationsList(), path, "request_mutations", HeaderMutationDecoder::edit),
                Values.each(
                        mutations.getQueryParameterMutationsList(),
                        path,
                        "query_parameter_mutations",
                        HeaderMutationDecoder::queryEdit),
                Values.each(
                        mutations.getResponseMutationsList(), path, "response_mutations", HeaderMutationDecoder::edit),
                List.of(),
                List.of(),
                mostSpecificWins);
    }

    private static HeaderEdit edit(HeaderMutation mutation, String path) {
        if (mutation.hasAppend()) {
            HeaderRulesDecoder.requireModifiable(
                    mutation.getAppend().getHeader().getKey(), path + ".append.header.key");
            return HeaderRulesDecoder.put(mutation.getAppend(), path + ".append");
        }
        return new HeaderEdit.Remove(mutation.getRemove().toLowerCase(Locale.ROOT));
    }

    private static QueryEdit queryEdit(KeyValueMutation mutation, String path) {
        boolean removes = !mutation.getRemove().isEmpty();
        if (removes == mutation.hasAppend()) {
            throw new BadResourceException(path, "exactly one of append, remove must be set");
        }
        if (removes) {
            return new QueryEdit(mutation.getRemove(), null, AppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
        }
        if (!mutation.getAppend().hasRecord()) {
            throw new BadResourceException(path + ".append.record", "is required");
        }
        Value value = mutation.getAppend().getRecord().getValue();
        if (value.getKindCase() != Value.KindCase.STRING_VALUE) {
            throw new BadResourceException(path + ".append.record.value", "must be a text");
        }
        return new QueryEdit(
                mutation.getAppend().getRecord().getKey(),
                HeaderRulesDecoder.format(value.getStringValue(), path + ".append.record.value"),
                action(mutation.getAppend().getAction()));
    }

    private static AppendAction action(KeyValueAppendAction action) {
        return switch (action) {
            case APPEND_IF_EXISTS_OR_ADD, UNRECOGNIZED -> AppendAction.APPEND_IF_EXISTS_OR_ADD;
            case ADD_IF_ABSENT -> AppendAction.ADD_IF_ABSENT;
            case OVERWRITE_IF_EXISTS_OR_ADD -> AppendAction.OVERWRITE_IF_EXISTS_OR_ADD;
            case OVERWRITE_IF_EXISTS -> AppendAction.OVERWRITE_IF_EXISTS;
        };
    }
}
