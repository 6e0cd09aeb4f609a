package io.inmesh.outbound;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.UpstreamCluster;

/** Where an attempt goes. */
public sealed interface UpstreamTarget {

    /**
     * A host of a cluster.
     *
     * @param cluster      its cluster, with protocol options, limits and counts
     * @param host         the chosen host
     * @param highPriority which of the cluster's two sets of thresholds counts
     */
    record ToHost(UpstreamCluster cluster, Host host, boolean highPriority) implements UpstreamTarget {}

    /**
     * An address outside the mesh: the application's own destination, with the application's own TLS for {@code https}.
     *
     * @param scheme {@code http} or {@code https}
     * @param host   host name or address, resolved by the transport, off the loop
     * @param port   1 to 65535
     */
    record Passthrough(String scheme, String host, int port) implements UpstreamTarget {}
}
