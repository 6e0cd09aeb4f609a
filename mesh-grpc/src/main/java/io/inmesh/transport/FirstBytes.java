package io.inmesh.transport;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first bytes of a connection that was accepted say about it, as Envoy's listener filters {@code tls_inspector} and {@code http_inspector} find out:
 * enough to choose a filter chain, before any handshake.
 */
public sealed interface FirstBytes {

    /** More bytes than this are never needed. A connection that has sent as many and is not understood is {@link Malformed}. */
    int MAX_BYTES = 64 * 1024;

    /**
     * It begins with a ClientHello.
     *
     * @param serverName           by SNI, as it was sent; empty if there was none
     * @param applicationProtocols by ALPN, in the client's order; empty if there were none
     */
    record Tls(String serverName, List<String> applicationProtocols) implements FirstBytes {
        /** Takes a copy. */
        public Tls {
            applicationProtocols = List.copyOf(applicationProtocols);
        }
    }

    /**
     * It is in the clear.
     *
     * @param protocol {@code http/1.0}, {@code http/1.1}, {@code h2c} (the preface of HTTP/2), or empty if it is none of them
     */
    record Plaintext(String protocol) implements FirstBytes {}

    /**
     * It began as TLS does, and is no ClientHello: it is to be closed. Envoy treats such a connection as one in the clear; nothing good comes of that.
     *
     * @param reason for logs
     */
    record Malformed(String reason) implements FirstBytes {}

    /**
     * Looks at what a connection has sent so far. Never throws, whatever the bytes are. All of them are looked at each time, so nothing needs to be kept
     * between two calls but the bytes.
     *
     * @param bytes from its position to its limit, which both stay
     * @return null if more bytes are needed
     */
    static @Nullable FirstBytes look(ByteBuffer bytes) {
        ByteBuffer view = bytes.slice();
        if (!view.hasRemaining()) {
            return null;
        }
        FirstBytes found = ClientHello.startsWith(view) ? ClientHello.look(view) : HttpStart.look(view);
        return found == null && view.remaining() >= MAX_BYTES
                ? new Malformed("too much before it is known what it is")
                : found;
    }
}
