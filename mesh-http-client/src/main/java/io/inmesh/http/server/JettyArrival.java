package io.inmesh.http.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.jspecify.annotations.Nullable;

/** A new connection: its first bytes choose the chain, with TLS or without. */
final class JettyArrival extends JettyFirstBytes {
    private static final int CLEAR_LIMIT = 4 * 1024;
    private static final int HELLO_LIMIT = 16 * 1024 + 512;

    private final JettyArrivalFactory factory;
    private final ServedConnection served;

    JettyArrival(JettyArrivalFactory factory, Connector connector, EndPoint endPoint, ServedConnection served) {
        super(connector, endPoint);
        this.factory = factory;
        this.served = served;
    }

    @Override
    int limit(ByteBuffer seen) {
        return ServedConnection.isHello(seen) ? HELLO_LIMIT : CLEAR_LIMIT;
    }

    @Override
    @Nullable
    Connection next(ByteBuffer seen, boolean full) throws IOException {
        return switch (served.arrive(seen, full)) {
            case MORE -> null;
            case HANDSHAKE -> factory.tls(connector(), getEndPoint(), served);
            case CLEAR -> JettyArrivalFactory.http(connector(), getEndPoint(), served.http2(served.clearHttp2()));
            case REFUSED -> throw new IOException("refused");
        };
    }
}
