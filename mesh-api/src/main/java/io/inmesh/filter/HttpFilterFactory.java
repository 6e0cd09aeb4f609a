package io.inmesh.filter;

import io.inmesh.model.FilterConfig;
import io.inmesh.model.RawFilterConfig;
import java.util.List;
import java.util.Set;

/**
 * Makes filters of one kind from what the control plane configured. All methods are called on the configuration thread, never on the request path.
 *
 * @param <C> the kind's configuration; where the form for routes differs, an interface that both forms implement
 */
public interface HttpFilterFactory<C extends FilterConfig> {

    /**
     * The types of configuration that it understands, such as {@code type.googleapis.com/acme.filters.v1.Greeting}; for a {@code TypedStruct} the
     * type that is named in it.
     */
    Set<String> typeUrls();

    /** The class of {@code C}. */
    Class<C> configType();

    /**
     * The configuration of a position in the chain.
     *
     * @throws IllegalArgumentException if it makes no sense; the message says which field and why. Requests that come to the filter are then refused.
     */
    C parse(RawFilterConfig raw);

    /** The configuration of one level of a route ({@code typed_per_filter_config}); by default of the same form as the position's own. */
    default C parseOverride(RawFilterConfig raw) {
        return parse(raw);
    }

    /**
     * The filter for a position and a route. Called once for each combination that is configured.
     *
     * @param config what the position and the levels of the route say
     */
    HttpFilter create(Levels<C> config);

    /**
     * A position's configuration and what the levels of a route say of it.
     *
     * @param base      the position's own
     * @param overrides from the least specific level (route table) over virtual host and route to the most specific (weighted cluster); empty for a
     *                  request without a route and for a route that says nothing
     */
    record Levels<C extends FilterConfig>(C base, List<C> overrides) {
        /** The one that counts for most filters: the most specific one takes the place of all others. */
        public C mostSpecific() {
            return overrides.isEmpty() ? base : overrides.get(overrides.size() - 1);
        }
    }
}
