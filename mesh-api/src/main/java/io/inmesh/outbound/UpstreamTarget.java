package io.inmesh.outbound;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.model.Cluster.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where an attempt goes. */
public sealed interface UpstreamTarget {

    /**
     * A host of a cluster.
     *
     * @param cluster      its cluster, with protocol options, limits and counts
     * @param host         the chosen host
     * @param highPriority which of the cluster's two sets of thresholds counts
     * @param callerVersion what the application allows, for a cluster of {@link HttpVersion#AS_CALLER}
     * @param tls          what of TLS follows the request, or null if nothing does; connections are shared by requests of which it is equal
     */
    record ToHost(
            UpstreamCluster cluster,
            Host host,
            boolean highPriority,
            HttpVersion callerVersion,
            @Nullable RequestTls tls)
            implements UpstreamTarget {}

    /**
     * TLS as a request asks for it: Envoy's {@code TransportSocketOptions}.
     *
     * @param serverName   the name to send by SNI, or null for that of the settings
     * @param allowedNames of which the certificate must have one, in place of the names in the settings; empty if those count
     * @param alpn         the protocols to offer in place of those in the settings; empty if those count
     */
    record RequestTls(@Nullable String serverName, List<String> allowedNames, List<String> alpn) {

        /** TLS that offers what the settings say. */
        public RequestTls(@Nullable String serverName, List<String> allowedNames) {
            this(serverName, allowedNames, List.of());
        }
    }

    /**
     * An address outside the mesh: the application's own destination, with the application's own TLS for {@code https}.
     *
     * @param scheme {@code http} or {@code https}
     * @param host   host name or address, resolved by the transport, off the loop
     * @param port   1 to 65535
     * @param version what the application allows: {@code HTTP_1} or {@code ALPN}
     */
    record Passthrough(String scheme, String host, int port, HttpVersion version) implements UpstreamTarget {}
}
