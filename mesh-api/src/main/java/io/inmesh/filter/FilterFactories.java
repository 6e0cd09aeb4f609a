package io.inmesh.filter;

import io.inmesh.model.FilterConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The kinds of filter that a mesh has: the built-in ones and those that the application registered. Immutable. */
public final class FilterFactories {
    private final List<Registration<?>> registrations;
    private final Map<String, Registration<?>> byTypeUrl = new HashMap<>();

    private FilterFactories(List<Registration<?>> registrations) {
        this.registrations = List.copyOf(registrations);
        for (Registration<?> each : registrations) {
            for (String typeUrl : each.factory().typeUrls()) {
                byTypeUrl.putIfAbsent(typeUrl, each);
            }
        }
    }

    /** What this room has; other rooms of the mesh add theirs by {@link #and}. */
    public static FilterFactories builtIn() {
        return new FilterFactories(List.of(
                new Registration<>(HeaderMutations.FACTORY, null), new Registration<>(AlpnOverride.FACTORY, null)));
    }

    /**
     * These and one of the application's. For a type that is there already, the new one counts.
     *
     * @param executor runs its filters; they may block there, and no more of them run at once than it allows
     */
    public FilterFactories with(HttpFilterFactory<?> factory, Executor executor) {
        List<Registration<?>> more = new ArrayList<>(registrations);
        more.add(0, new Registration<>(factory, executor));
        return new FilterFactories(more);
    }

    /** These and one of the mesh's own, which runs on the loop and never blocks. */
    public FilterFactories and(HttpFilterFactory<?> factory) {
        List<Registration<?>> more = new ArrayList<>(registrations);
        more.add(new Registration<>(factory, null));
        return new FilterFactories(more);
    }

    @Nullable
    Registration<?> byTypeUrl(String typeUrl) {
        return byTypeUrl.get(typeUrl);
    }

    @Nullable
    Registration<?> byConfig(FilterConfig config) {
        for (Registration<?> each : registrations) {
            if (each.factory().configType().isInstance(config)) {
                return each;
            }
        }
        return null;
    }

    /** @param executor null for a filter that runs on the loop */
    record Registration<C extends FilterConfig>(
            HttpFilterFactory<C> factory, @Nullable Executor executor) {}
}
