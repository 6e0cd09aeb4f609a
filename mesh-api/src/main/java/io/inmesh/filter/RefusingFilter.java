package io.inmesh.filter;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.RawFilterConfig;
import java.util.Set;

/**
 * Stands where a filter should be whose configuration cannot be used, and answers as Envoy's {@code MissingConfigFilter}: 500 with an empty body, so that nothing
 * passes a rule that nobody could check.
 */
final class RefusingFilter implements HttpFilter {
    static final HttpFilterFactory<FilterConfig.Refused> FACTORY = new Factory();

    private static final FilterStep REPLY =
            FilterStep.reply(LocalReply.of(500, "", ResponseFlag.NO_FILTER_CONFIG_FOUND, "filter_config_not_found"));

    @Override
    public FilterStep onRequest(FilterStream stream) {
        return REPLY;
    }

    private static final class Factory implements HttpFilterFactory<FilterConfig.Refused> {
        @Override
        public Set<String> typeUrls() {
            return Set.of();
        }

        @Override
        public Class<FilterConfig.Refused> configType() {
            return FilterConfig.Refused.class;
        }

        @Override
        public FilterConfig.Refused parse(RawFilterConfig raw) {
            return new FilterConfig.Refused(raw.typeUrl(), "unknown");
        }

        @Override
        public HttpFilter create(Levels<FilterConfig.Refused> config) {
            return new RefusingFilter();
        }
    }
}
