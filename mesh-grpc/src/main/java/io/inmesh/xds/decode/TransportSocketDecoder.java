package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import java.util.List;

/** Transport sockets of a cluster. Security must not be lost: whatever is not understood makes a socket unusable instead of plain. */
final class TransportSocketDecoder {
    private static final RawBuffer RAW_BUFFER = RawBuffer.getDefaultInstance();
    private static final String FIELD = "transport_socket";

    private TransportSocketDecoder() {}

    /** The socket of hosts that no match is for. */
    static io.inmesh.model.TransportSocket socket(Cluster cluster, Notes notes) {
        return cluster.hasTransportSocket()
                ? socket(cluster.getTransportSocket(), FIELD, notes)
                : new io.inmesh.model.TransportSocket.Plaintext();
    }

    static List<io.inmesh.model.TransportSocket.Match> matches(Cluster cluster, Notes notes) {
        return Values.each(
                cluster.getTransportSocketMatchesList(),
                "",
                "transport_socket_matches",
                (match, path) -> new io.inmesh.model.TransportSocket.Match(
                        match.getName(),
                        Values.map(match.getMatch()),
                        socket(match.getTransportSocket(), Paths.child(path, FIELD), notes)));
    }

    private static io.inmesh.model.TransportSocket socket(TransportSocket socket, String path, Notes notes) {
        Any config = socket.getTypedConfig();
        if (socket.hasTypedConfig() && Values.is(config, RAW_BUFFER)) {
            return new io.inmesh.model.TransportSocket.Plaintext();
        }
        if (!socket.hasTypedConfig() || !Values.is(config, TlsDecoder.UPSTREAM)) {
            return new io.inmesh.model.TransportSocket.Unusable(path + ": \"" + socket.getName()
                    + "\" is not supported, and nothing is sent in the clear in its place");
        }
        Refusal refusal = new Refusal();
        var tls = TlsDecoder.upstream(config, path + ".typed_config", notes, refusal);
        String reason = refusal.reason();
        return reason == null
                ? new io.inmesh.model.TransportSocket.Tls(tls)
                : new io.inmesh.model.TransportSocket.Unusable(reason + ", and nothing is sent without it");
    }
}
