package io.inmesh.exchange;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connection that a request came in on. Immutable; one for all requests of a connection.
 *
 * @param remote     the address at the other end, as the socket knows it
 * @param remotePort its port
 * @param local      the address that the peer went to
 * @param localPort  its port
 * @param tls        what is known of its TLS, or null if it is in the clear
 */
public record DownstreamConnection(
        IpAddress remote,
        int remotePort,
        IpAddress local,
        int localPort,
        @Nullable Tls tls) {

    /**
     * TLS of a connection.
     *
     * @param serverName  what the client asked for by SNI, as it was sent; empty if nothing
     * @param protocol    what ALPN selected; empty if nothing
     * @param version     {@code TLSv1.2} or {@code TLSv1.3}
     * @param cipherSuite the cipher suite
     * @param peer        the client's certificate, or null if it showed none
     * @param localUris   the URI names of the certificate that this side showed, for {@code x-forwarded-client-cert}
     */
    public record Tls(
            String serverName,
            String protocol,
            String version,
            String cipherSuite,
            @Nullable PeerCertificate peer,
            List<String> localUris) {

        /** TLS of which nobody knows the names of this side's certificate. */
        public Tls(
                String serverName,
                String protocol,
                String version,
                String cipherSuite,
                @Nullable PeerCertificate peer) {
            this(serverName, protocol, version, cipherSuite, peer, List.of());
        }
    }

    /** The peer's certificate, or null if there is no TLS or the peer showed none. */
    public @Nullable PeerCertificate peer() {
        return tls == null ? null : tls.peer();
    }
}
