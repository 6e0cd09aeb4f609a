package io.inmesh.filter;

import io.inmesh.model.AlpnOverrideFilter;
import io.inmesh.model.RawFilterConfig;
import java.util.Map;
import java.util.Set;

/**
 * {@code istio.alpn}. A cluster outside of the mesh keeps its own protocols by its metadata, {@code istio: {alpn_override: "false"}}; which version of HTTP counts is known
 * to the router, who looks at the filter state.
 */
final class AlpnOverride implements HttpFilter {
    static final HttpFilterFactory<AlpnOverrideFilter> FACTORY = new Factory();

    private final AlpnOverrideFilter config;

    private AlpnOverride(AlpnOverrideFilter config) {
        this.config = config;
    }

    @Override
    public FilterStep onRequest(FilterStream stream) {
        Map<String, Object> istio = stream.info().upstream().clusterMetadata().get("istio");
        if (istio == null || !"false".equals(istio.get("alpn_override"))) {
            stream.info().putFilterState(AlpnOverrideFilter.FILTER_STATE, config);
        }
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
