package io.inmesh.routing;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.FormatOperator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What command operators have to say of the connection that a request came in on. A request of this process itself came in on none. */
final class DownstreamText {
    private DownstreamText() {}

    /** Null without a value. */
    static @Nullable String of(FormatOperator operator, StreamInfo info) {
        DownstreamConnection connection = info.downstream();
        if (connection == null) {
            return null;
        }
        return switch (operator) {
            case DOWNSTREAM_REMOTE_ADDRESS -> withPort(info.remoteAddress(), remotePort(connection, info));
            case DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> text(info.remoteAddress());
            case DOWNSTREAM_REMOTE_PORT -> Integer.toString(remotePort(connection, info));
            case DOWNSTREAM_DIRECT_REMOTE_ADDRESS -> withPort(connection.remote(), connection.remotePort());
            case DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT -> text(connection.remote());
            case DOWNSTREAM_LOCAL_ADDRESS -> withPort(connection.local(), connection.localPort());
            case DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT -> text(connection.local());
            case DOWNSTREAM_LOCAL_PORT -> Integer.toString(connection.localPort());
            default -> ofTls(operator, connection);
        };
    }

    private static @Nullable String ofTls(FormatOperator operator, DownstreamConnection connection) {
        DownstreamConnection.Tls tls = connection.tls();
        if (tls == null) {
            return null;
        }
        return switch (operator) {
            case REQUESTED_SERVER_NAME -> notEmpty(tls.serverName());
            case DOWNSTREAM_TLS_VERSION -> notEmpty(tls.version());
            case DOWNSTREAM_LOCAL_URI_SAN -> joined(tls.localUris());
            default -> {
                PeerCertificate peer = tls.verifiedPeer();
                yield peer == null ? null : ofPeer(operator, peer);
            }
        };
    }

    private static @Nullable String ofPeer(FormatOperator operator, PeerCertificate peer) {
        return switch (operator) {
            case DOWNSTREAM_PEER_URI_SAN -> joined(peer.uris());
            case DOWNSTREAM_PEER_DNS_SAN -> joined(peer.dnsNames());
            case DOWNSTREAM_PEER_SUBJECT -> notEmpty(peer.subject());
            case DOWNSTREAM_PEER_ISSUER -> notEmpty(peer.issuer());
            case DOWNSTREAM_PEER_SERIAL -> notEmpty(peer.serial());
            case DOWNSTREAM_PEER_FINGERPRINT_256 -> notEmpty(peer.sha256());
            default -> null;
        };
    }

    /** An address that trusted proxies told has no port. */
    private static int remotePort(DownstreamConnection connection, StreamInfo info) {
        return connection.remote().equals(info.remoteAddress()) ? connection.remotePort() : 0;
    }

    private static @Nullable String withPort(@Nullable IpAddress address, int port) {
        if (address == null) {
            return null;
        }
        return address.v4() ? address + ":" + port : "[" + address + "]:" + port;
    }

    private static @Nullable String text(@Nullable IpAddress address) {
        return address == null ? null : address.toString();
    }

    private static @Nullable String joined(List<String> names) {
        return names.isEmpty() ? null : String.join(",", names);
    }

    private static @Nullable String notEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
