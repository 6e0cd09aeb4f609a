package io.inmesh.filter;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A chain as it is for one route: each filter with its configuration for that route. Immutable; compared by identity. */
public final class FilterPlan {
    private final HttpFilter[] filters;
    private final @Nullable Executor[] executors;
    private final boolean[] disabled;
    private final boolean empty;

    FilterPlan(HttpFilter[] filters, @Nullable Executor[] executors, boolean[] disabled) {
        this.filters = filters;
        this.executors = executors;
        this.disabled = disabled;
        boolean none = true;
        for (boolean off : disabled) {
            none &= off;
        }
        this.empty = none;
    }

    /** Whether no filter is on, so that a request needs no {@link FilterRun}. */
    public boolean isEmpty() {
        return empty;
    }

    int size() {
        return filters.length;
    }

    HttpFilter filter(int position) {
        return filters[position];
    }

    /** Where the filter runs, or null for the stream's own loop. */
    @Nullable
    Executor executor(int position) {
        return executors[position];
    }

    boolean isDisabled(int position) {
        return disabled[position];
    }
}
