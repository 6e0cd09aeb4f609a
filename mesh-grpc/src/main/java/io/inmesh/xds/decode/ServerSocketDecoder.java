package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.inmesh.model.DownstreamTls;
import org.jspecify.annotations.Nullable;

/** The transport socket of a filter chain. Nothing is ever served in the clear in the place of what is not understood. */
final class ServerSocketDecoder {
    private ServerSocketDecoder() {}

    static @Nullable DownstreamTls decode(FilterChain chain, String path, Notes notes, Refusal refusal) {
        if (!chain.hasTransportSocket()) {
            return null;
        }
        TransportSocket socket = chain.getTransportSocket();
        String at = path + ".transport_socket";
        Any config = socket.getTypedConfig();
        if (Values.is(config, RawBuffer.getDefaultInstance())) {
            return null;
        }
        if (!Values.is(config, TlsDecoder.DOWNSTREAM)) {
            refusal.because(at + ": \"" + socket.getName() + "\" is not supported");
            return null;
        }
        // Only what the TLS itself has against it may make its decoder lenient.
        Refusal own = new Refusal();
        DownstreamTls tls = TlsDecoder.downstream(config, at + ".typed_config", notes, own);
        String reason = own.reason();
        if (reason != null) {
            refusal.because(reason);
        }
        return tls;
    }
}
