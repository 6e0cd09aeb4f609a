package io.inmesh.filter;

import io.inmesh.filter.FilterFactories.Registration;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HttpFilterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The filters of one HTTP connection manager in their order, without the router at the end. Made and asked for plans on the configuration thread.
 *
 * <p>Filters belong to the configuration that they were made from: all routes that say nothing of a position share its one filter, and all routes below
 * a virtual host share the one of that virtual host, so that what such a filter counts it counts for all of them, as in Envoy.
 */
public final class FilterChain {
    private static final Logger LOG = LoggerFactory.getLogger(FilterChain.class);

    private final List<FilterPosition<?>> positions = new ArrayList<>();
    private final @Nullable Executor[] executors;
    private final FilterPlan base;

    private FilterChain(List<HttpFilterConfig> filters, FilterFactories factories) {
        for (HttpFilterConfig filter : filters) {
            if (filter.config() instanceof FilterConfig.Router) {
                break;
            }
            FilterPosition<?> position = position(filter, factories);
            if (position != null) {
                positions.add(position);
            }
        }
        executors = new Executor[positions.size()];
        for (int i = 0; i < executors.length; i++) {
            executors[i] = positions.get(i).executor();
        }
        base = makePlan(List.of());
    }

    /**
     * A chain.
     *
     * @param filters   in the order in which they see a request; what comes after the router is never reached
     * @param factories the kinds of filter that there are; a configuration that none of them understands refuses all requests that reach it
     */
    public static FilterChain compile(List<HttpFilterConfig> filters, FilterFactories factories) {
        return new FilterChain(filters, factories);
    }

    /** Why every request would be refused, or null: there is a filter that is on and cannot be used. */
    public @Nullable String refusal() {
        for (FilterPosition<?> position : positions) {
            String refusal = position.disabled() ? null : position.refusal();
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /** For requests without a route. */
    public FilterPlan base() {
        return base;
    }

    /**
     * For requests of a route.
     *
     * @param levels {@code typed_per_filter_config} of the route table, the virtual host, the route and the weighted cluster, in this order
     */
    public FilterPlan plan(List<Map<String, FilterOverride>> levels) {
        for (Map<String, FilterOverride> level : levels) {
            for (FilterPosition<?> position : positions) {
                if (level.containsKey(position.name())) {
                    return makePlan(levels);
                }
            }
        }
        return base;
    }

    /** Forgets the filters that no plan asked for since the last time: for after a new route table was planned. */
    public void dropUnused() {
        positions.forEach(FilterPosition::dropUnused);
    }

    private FilterPlan makePlan(List<Map<String, FilterOverride>> levels) {
        HttpFilter[] filters = new HttpFilter[positions.size()];
        boolean[] disabled = new boolean[filters.length];
        for (int i = 0; i < filters.length; i++) {
            FilterPosition<?> position = positions.get(i);
            List<FilterOverride> overrides = new ArrayList<>(levels.size());
            for (Map<String, FilterOverride> level : levels) {
                FilterOverride override = level.get(position.name());
                if (override != null) {
                    overrides.add(override);
                }
            }
            filters[i] = position.filter(overrides);
            disabled[i] = disabled(position.disabled(), overrides);
        }
        return new FilterPlan(filters, executors, disabled);
    }

    /**
     * The most specific level decides, and a configuration without more switches its filter on ({@code HttpFilter.disabled} and
     * {@code route.v3.FilterConfig.disabled}).
     */
    private static boolean disabled(boolean byChain, List<FilterOverride> overrides) {
        for (int i = overrides.size() - 1; i >= 0; i--) {
            Boolean said = overrides.get(i).disabled();
            if (said != null) {
                return said;
            }
            if (overrides.get(i).config() != null) {
                return false;
            }
        }
        return byChain;
    }

    private static @Nullable FilterPosition<?> position(HttpFilterConfig filter, FilterFactories factories) {
        FilterConfig config = filter.config();
        if (config instanceof FilterConfig.Unrecognized unrecognized) {
            Registration<?> registration =
                    factories.byTypeUrl(unrecognized.raw().typeUrl());
            if (registration == null) {
                config = unrecognized.otherwise();
            } else {
                return parsed(filter, registration, unrecognized);
            }
        }
        if (config instanceof FilterConfig.Skipped) {
            return null;
        }
        Registration<?> registration = factories.byConfig(config);
        if (registration == null) {
            return refusing(
                    filter,
                    config instanceof FilterConfig.Refused refused
                            ? refused
                            : new FilterConfig.Refused(config.getClass().getName(), "no factory makes this filter"));
        }
        return known(filter, registration, config);
    }

    private static <C extends FilterConfig> FilterPosition<?> parsed(
            HttpFilterConfig filter, Registration<C> registration, FilterConfig.Unrecognized unrecognized) {
        try {
            return new FilterPosition<>(
                    filter, registration, registration.factory().parse(unrecognized.raw()));
        } catch (RuntimeException e) {
            LOG.warn("Filter {}: its factory does not take the configuration; requests are refused", filter.name(), e);
            return refusing(
                    filter, new FilterConfig.Refused(unrecognized.raw().typeUrl(), String.valueOf(e.getMessage())));
        }
    }

    private static <C extends FilterConfig> FilterPosition<?> known(
            HttpFilterConfig filter, Registration<C> registration, FilterConfig config) {
        return new FilterPosition<>(
                filter, registration, registration.factory().configType().cast(config));
    }

    private static FilterPosition<?> refusing(HttpFilterConfig filter, FilterConfig.Refused refused) {
        return new FilterPosition<>(filter, new Registration<>(RefusingFilter.FACTORY, null), refused);
    }
}
