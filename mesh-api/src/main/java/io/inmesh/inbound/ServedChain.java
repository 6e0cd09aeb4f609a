package io.inmesh.inbound;

import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.NetworkFilter;
import io.inmesh.model.InboundChain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of a filter chain, ready for connections and requests. Immutable.
 *
 * @param config         its configuration
 * @param networkFilters those that look at a connection, in their order
 * @param http           what requests go through; null only if connections are refused
 * @param refusal        why its connections are refused, or null
 */
record ServedChain(
        InboundChain config,
        List<NetworkFilter> networkFilters,
        @Nullable ServedHttp http,
        @Nullable String refusal) {

    /** Why a connection must be closed, or null: the first network filter that has something against it decides. */
    @Nullable
    String examine(StreamInfo connection) {
        for (int i = 0; i < networkFilters.size(); i++) {
            String objection = networkFilters.get(i).onConnection(connection);
            if (objection != null) {
                return objection;
            }
        }
        return null;
    }
}
