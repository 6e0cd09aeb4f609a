package io.inmesh.filter;

import io.inmesh.model.AlpnOverrideFilter;
import io.inmesh.model.RawFilterConfig;
import java.util.Set;

/**
 * {@code istio.alpn}. To which cluster a request goes in the end, and by which version of HTTP, is known to the router, who looks at the filter state.
 */
final class AlpnOverride implements HttpFilter {
    static final HttpFilterFactory<AlpnOverrideFilter> FACTORY = new Factory();

    private final AlpnOverrideFilter config;

    private AlpnOverride(AlpnOverrideFilter config) {
        this.config = config;
    }

    @Override
    public FilterStep onRequest(FilterStream stream) {
        stream.info().putFilterState(AlpnOverrideFilter.FILTER_STATE, config);
        return FilterStep.CONTINUE;
    }

    private static final class Factory implements HttpFilterFactory<AlpnOverrideFilter> {
        @Override
        public Set<String> typeUrls() {
            return Set.of();
        }

        @Override
        public Class<AlpnOverrideFilter> configType() {
            return AlpnOverrideFilter.class;
        }

        @Override
        public AlpnOverrideFilter parse(RawFilterConfig raw) {
            throw new IllegalArgumentException(raw.typeUrl() + " is decoded with the listener");
        }

        @Override
        public HttpFilter create(Levels<AlpnOverrideFilter> config) {
            return new AlpnOverride(config.mostSpecific());
        }
    }
}
