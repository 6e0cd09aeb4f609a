package io.inmesh.http.server;

import io.inmesh.transport.FirstBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.jspecify.annotations.Nullable;

/** A connection below whose TLS the handshake goes on; then ALPN, or the first bytes, say what is spoken. */
final class JettyNegotiation extends JettyFirstBytes implements SslHandshakeListener {
    private static final int LIMIT = 1024;

    private final ServedConnection served;
    private boolean handshaken;
    private boolean accepted;

    JettyNegotiation(Connector connector, EndPoint endPoint, ServedConnection served) {
        super(connector, endPoint);
        this.served = served;
    }

    @Override
    public void handshakeSucceeded(Event event) {
        handshaken = true;
    }

    /** Jetty does not notice the end of a handshake that the engine tells of together with a wish for more bytes, as it does when a session is resumed. */
    private boolean isOver(ByteBuffer decrypted) {
        return decrypted.hasRemaining()
                && served.engine().getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
    }

    @Override
    int limit(ByteBuffer seen) {
        return LIMIT;
    }

    @Override
    @Nullable
    Connection next(ByteBuffer seen, boolean full) throws IOException {
        if (!handshaken && !isOver(seen)) {
            return null;
        }
        if (!accepted) {
            if (!served.handshaken()) {
                throw new IOException("refused");
            }
            accepted = true;
        }
        boolean preface = false;
        if (served.protocol().isEmpty()) {
            FirstBytes found = FirstBytes.look(seen);
            if (found == null && !full) {
                return null;
            }
            preface = found instanceof FirstBytes.Plaintext plaintext
                    && plaintext.protocol().equals("h2c");
        }
        return JettyArrivalFactory.http(connector(), getEndPoint(), served.http2(preface));
    }
}
