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
     * @param serverName  what the client asked for by SNI, in lower case however it was sent (Envoy's {@code setRequestedServerName}); empty if nothing
     * @param protocol    what ALPN selected; empty if nothing
     * @param version     {@code TLSv1.2} or {@code TLSv1.3}
     * @param cipherSuite the cipher suite
     * @param peer        the client's certificate, or null if it showed none; policies look at {@link #verifiedPeer()}
     * @param localUris   the URI names of the certificate that this side showed, for {@code x-forwarded-client-cert}
     */
    public record Tls(
            String serverName,
            String protocol,
            String version,
            String cipherSuite,
            @Nullable PeerCertificate peer,
            List<String> localUris) {

        /** Lowers ASCII only: other letters have no business in a host name, and must not become one that has. */
        public Tls {
            StringBuilder lower = new StringBuilder(serverName.length());
            for (int i = 0; i < serverName.length(); i++) {
                char each = serverName.charAt(i);
                lower.append(each >= 'A' && each <= 'Z' ? (char) (each + ('a' - 'A')) : each);
            }
            serverName = lower.toString();
        }

        /** TLS of which nobody knows the names of this side's certificate. */
        public Tls(
                String serverName,
                String protocol,
                String version,
                String cipherSuite,
                @Nullable PeerCertificate peer) {
            this(serverName, protocol, version, cipherSuite, peer, List.of());
        }

        /** The client's certificate if it was verified, else null: what nobody vouches for is nobody's name. */
        public @Nullable PeerCertificate verifiedPeer() {
            return peer != null && peer.validated() ? peer : null;
        }
    }

    /** The peer's certificate, verified or not, or null if there is no TLS or the peer showed none. */
    public @Nullable PeerCertificate peer() {
        return tls == null ? null : tls.peer();
    }

    /** The peer's certificate if it was verified, else null. */
    public @Nullable PeerCertificate verifiedPeer() {
        return tls == null ? null : tls.verifiedPeer();
    }
}
