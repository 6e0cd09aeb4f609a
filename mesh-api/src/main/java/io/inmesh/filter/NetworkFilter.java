package io.inmesh.filter;

import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/**
 * One network filter with one configuration. A single object serves all connections at once, so it is thread-safe. It sees a connection once, after its handshake
 * and before its first byte, in the order in which the control plane lists the filters.
 */
public interface NetworkFilter {

    /**
     * Looks at a new connection.
     *
     * @param connection what is known of it ({@link StreamInfo#downstream()}), live: dynamic metadata and filter state that are put into it are there for all of
     *                   its requests
     * @return null to let it pass, or why it is closed, for logs, in Envoy's words ({@code rbac_access_denied_matched_policy[...]})
     */
    @Nullable
    String onConnection(StreamInfo connection);
}
