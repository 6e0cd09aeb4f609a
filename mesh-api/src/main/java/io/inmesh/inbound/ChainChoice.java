package io.inmesh.inbound;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.model.DownstreamTls;
import org.jspecify.annotations.Nullable;

/** What becomes of a connection that was accepted. */
public sealed interface ChainChoice {

    /** It is closed at once. The reason is for logs, never for the peer. */
    record Refused(String reason) implements ChainChoice {}

    /** It goes on. */
    non-sealed interface Accepted extends ChainChoice {

        /** The chain's name, for logs. */
        String chain();

        /** The TLS to speak, or null to speak none: a ClientHello that comes to such a chain is not for HTTP and ends the connection. */
        @Nullable
        DownstreamTls tls();

        /**
         * The handshake is done, or there was none: the network filters look at the connection. Called once.
         *
         * @param facts what is known now
         */
        InboundConnection established(DownstreamConnection facts);
    }
}
