package io.inmesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.extensions.filters.http.header_mutation.v3.HeaderMutation}, and its per-route form, which has edits only. Edits run one after
 * the other, and each sees what those before it have done.
 *
 * @param request           edits of the request's head
 * @param queryParameters   edits of the request's query
 * @param response          edits of the response's head
 * @param requestTrailers   edits of the request's trailers
 * @param responseTrailers  edits of the response's trailers
 * @param mostSpecificWins  {@code most_specific_header_mutations_wins}: whether the route's edits run last instead of first
 */
public record HeaderMutationFilter(
        List<HeaderEdit> request,
        List<QueryEdit> queryParameters,
        List<HeaderEdit> response,
        List<HeaderEdit> requestTrailers,
        List<HeaderEdit> responseTrailers,
        boolean mostSpecificWins)
        implements FilterConfig {

    /**
     * {@code KeyValueMutation} on a query.
     *
     * @param name   the parameter
     * @param value  what to put there, or null to remove all parameters of that name
     * @param action what to do with those that are there already
     */
    public record QueryEdit(String name, @Nullable HeaderFormat value, HeaderEdit.AppendAction action) {}
}
