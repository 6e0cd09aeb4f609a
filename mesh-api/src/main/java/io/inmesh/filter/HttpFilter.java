package io.inmesh.filter;

import io.inmesh.exchange.ResponseHead;

/**
 * One filter with one configuration. A single object serves all streams at once, so it is thread-safe, and what belongs to one stream is kept in
 * {@link FilterStream#attachment()}.
 *
 * <p>Filters see a request in the order in which the control plane lists them and its response in the opposite order. An application's filter runs on
 * the executor that was registered with it and may block there; a built-in one runs on the call's loop and never blocks. The calls for one stream
 * come one after the other. An exception ends the request with status 500.
 */
public interface HttpFilter {

    /** The request's head has come to this filter, which may change it. */
    default FilterStep onRequest(FilterStream stream) {
        return FilterStep.CONTINUE;
    }

    /**
     * The response's head has come to this filter, which may change it. A reply that a filter or the data plane itself gave comes along too, and then
     * also to filters that never saw the request, as in Envoy. {@link FilterStep#reply} puts another response in its place, which goes out
     * without passing any further filter.
     */
    default FilterStep onResponse(FilterStream stream, ResponseHead head) {
        return FilterStep.CONTINUE;
    }

    /** The stream is over, whatever became of it. Comes once, last, if this filter saw the request or its response. */
    default void onEnd(FilterStream stream) {}
}
