package io.inmesh.filter;

import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.HeaderMutationFilter;
import io.inmesh.model.RawFilterConfig;
import io.inmesh.routing.FormatContext;
import io.inmesh.routing.HeaderEdits;
import io.inmesh.routing.QueryEdits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * {@code envoy.filters.http.header_mutation}. The chain's own edits come first; then those of all levels of the route, the most specific one first, or last
 * where the chain says {@code most_specific_header_mutations_wins}.
 */
final class HeaderMutations implements HttpFilter {
    static final HttpFilterFactory<HeaderMutationFilter> FACTORY = new Factory();

    private final List<HeaderMutationFilter> edits;

    private HeaderMutations(List<HeaderMutationFilter> edits) {
        this.edits = edits;
    }

    @Override
    public FilterStep onRequest(FilterStream stream) {
        FormatContext context = FormatContext.ofRequest(stream.info(), stream.request());
        for (int i = 0; i < edits.size(); i++) {
            HeaderMutationFilter each = edits.get(i);
            HeaderEdits.apply(each.request(), stream.request().headers(), context);
            QueryEdits.apply(each.queryParameters(), stream.request(), context);
        }
        return FilterStep.CONTINUE;
    }

    @Override
    public FilterStep onResponse(FilterStream stream, ResponseHead head) {
        FormatContext context = FormatContext.ofResponse(stream.info(), stream.request(), head);
        for (int i = 0; i < edits.size(); i++) {
            HeaderEdits.apply(edits.get(i).response(), head.headers(), context);
        }
        return FilterStep.CONTINUE;
    }

    private static final class Factory implements HttpFilterFactory<HeaderMutationFilter> {
        @Override
        public Set<String> typeUrls() {
            return Set.of();
        }

        @Override
        public Class<HeaderMutationFilter> configType() {
            return HeaderMutationFilter.class;
        }

        @Override
        public HeaderMutationFilter parse(RawFilterConfig raw) {
            throw new IllegalArgumentException(raw.typeUrl() + " is decoded with the listener");
        }

        @Override
        public HttpFilter create(Levels<HeaderMutationFilter> config) {
            List<HeaderMutationFilter> levels = new ArrayList<>(config.overrides());
            if (!config.base().mostSpecificWins()) {
                Collections.reverse(levels);
            }
            levels.add(0, config.base());
            return new HeaderMutations(List.copyOf(levels));
        }
    }
}
