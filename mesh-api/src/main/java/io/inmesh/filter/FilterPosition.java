package io.inmesh.filter;

import io.inmesh.filter.FilterFactories.Registration;
import io.inmesh.filter.HttpFilterFactory.Levels;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HttpFilterConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One filter of the chain, and its filters for the routes met so far. */
final class FilterPosition<C extends FilterConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(FilterPosition.class);

    private final String name;
    private final boolean disabled;
    private final Registration<C> registration;
    private final C config;
    private Map<List<Same>, HttpFilter> filters = new HashMap<>();
    private Map<List<Same>, HttpFilter> handedOut = new HashMap<>();

    FilterPosition(HttpFilterConfig filter, Registration<C> registration, C config) {
        this.name = filter.name();
        this.disabled = filter.disabled();
        this.registration = registration;
        this.config = config;
    }

    String name() {
        return name;
    }

    boolean disabled() {
        return disabled;
    }

    /** Why it lets nothing through, or null. */
    @Nullable
    String refusal() {
        return config instanceof FilterConfig.Refused refused
                ? "HTTP filter \"" + name + "\": " + refused.reason()
                : null;
    }

    @Nullable
    Executor executor() {
        return registration.executor();
    }

    HttpFilter filter(List<FilterOverride> overrides) {
        List<Same> key = overrides.stream().map(Same::new).toList();
        HttpFilter filter = filters.computeIfAbsent(key, unknown -> create(overrides));
        handedOut.put(key, filter);
        return filter;
    }

    void dropUnused() {
        HttpFilter base = filter(List.of());
        filters = handedOut;
        handedOut = new HashMap<>(Map.of(List.of(), base));
    }

    private HttpFilter create(List<FilterOverride> overrides) {
        List<C> configs = new ArrayList<>(overrides.size());
        try {
            for (FilterOverride override : overrides) {
                C parsed = override.config() == null ? null : override(override.config());
                if (parsed != null) {
                    configs.add(parsed);
                }
            }
            return registration.factory().create(new Levels<>(config, List.copyOf(configs)));
        } catch (RuntimeException e) {
            LOG.warn("Filter {}: its factory does not take a route's configuration; requests are refused", name, e);
            return new RefusingFilter();
        }
    }

    private @Nullable C override(FilterConfig given) {
        FilterConfig known = given;
        if (known instanceof FilterConfig.Unrecognized unrecognized) {
            if (registration.factory().typeUrls().contains(unrecognized.raw().typeUrl())) {
                return registration.factory().parseOverride(unrecognized.raw());
            }
            known = unrecognized.otherwise();
        }
        if (registration.factory().configType().isInstance(known)) {
            return registration.factory().configType().cast(known);
        }
        if (known instanceof FilterConfig.Refused refused) {
            throw new IllegalArgumentException(refused.typeUrl() + ": " + refused.reason());
        }
        if (!(known instanceof FilterConfig.Skipped)) {
            // Envoy logs "failed to retrieve the correct type of route specific filter config" and goes on without
            // it.
            LOG.warn(
                    "Filter {}: a route's configuration {} is of another filter and is not used",
                    name,
                    known.getClass().getName());
        }
        return null;
    }

    /** An override by its identity: equal ones of different levels do not share a filter. */
    private record Same(FilterOverride override) {
        @Override
        @SuppressWarnings("ReferenceEquality") // identity is the point
        public boolean equals(@Nullable Object other) {
            return other instanceof Same same && same.override == override;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(override);
        }
    }
}
