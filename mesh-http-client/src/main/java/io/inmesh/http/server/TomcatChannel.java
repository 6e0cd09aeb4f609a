package io.inmesh.http.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.apache.tomcat.util.buf.ByteBufferUtils;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's TLS channel, whose engine is chosen by the mesh from the first bytes; where the choice is no TLS it hands bytes through. Tomcat keeps channels for later
 * connections, so one object serves many connections, one after the other.
 */
final class TomcatChannel extends SecureNioChannel {
    /** What may have to be read before the choice is made in the clear: as much as fits into Tomcat's own buffer, which takes it over at once. */
    private static final int CLEAR_LIMIT = 8192;

    private final TomcatEndpoint endpoint;
    private volatile @Nullable ServedConnection served;
    private @Nullable TomcatConnection support;
    private boolean clear;

    TomcatChannel(SocketBufferHandler buffer, TomcatEndpoint endpoint) {
        super(buffer, endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void reset(@Nullable SocketChannel channel, @Nullable NioSocketWrapper socketWrapper) throws IOException {
        finish();
        super.reset(channel, socketWrapper);
        support = null;
        clear = false;
        netOutBuffer.clear().limit(0);
    }

    @Override
    public int handshake(boolean read, boolean write) throws IOException {
        if (isHandshakeComplete()) {
            return 0;
        }
        ServedConnection connection = served;
        if (connection == null) {
            connection = endpoint.arriving(sc);
            served = connection;
        }
        int result = super.handshake(read, write);
        if (result != 0) {
            return result;
        }
        if (!clear && !connection.handshaken()) {
            handshakeComplete = false; // not one byte of it is served
            return -1;
        }
        socketWrapper.setNegotiatedProtocol(
                connection.protocol().isEmpty() ? "" : connection.http2(false) ? "h2" : "http/1.1");
        connection.endsBy(new TomcatSocket(endpoint, socketWrapper, null));
        support = new TomcatConnection(
                connection, clear ? null : connection.engine().getSession());
        return 0;
    }

    /** Tomcat looks at SNI here and makes the engine; the mesh does the same, or finds that there is to be none. */
    @Override
    protected int processSNI() throws IOException {
        ServedConnection connection = served;
        if (connection == null) {
            return -1;
        }
        while (true) {
            ByteBuffer seen = netInBuffer.duplicate().flip();
            netInBuffer.limit(
                    ServedConnection.isHello(seen)
                            ? netInBuffer.capacity()
                            : Math.min(
                                    CLEAR_LIMIT, getBufHandler().getReadBuffer().capacity()));
            int count = sc.read(netInBuffer);
            if (count < 0) {
                return -1;
            }
            seen = netInBuffer.duplicate().flip();
            boolean full = seen.remaining() == netInBuffer.capacity()
                    || (!netInBuffer.hasRemaining() && !ServedConnection.isHello(seen));
            switch (connection.arrive(seen, full)) {
                case MORE -> {
                    if (count == 0) {
                        return SelectionKey.OP_READ;
                    }
                }
                case CLEAR -> {
                    clear = true;
                    handshakeComplete = true;
                    netOutBuffer.clear().limit(0);
                    return 0;
                }
                case HANDSHAKE -> {
                    begin(connection.engine());
                    return 0;
                }
                case REFUSED -> {
                    return -1;
                }
            }
        }
    }

    private void begin(SSLEngine engine) throws IOException {
        netInBuffer.limit(netInBuffer.capacity());
        sslEngine = engine;
        SSLSession session = engine.getSession();
        // BoringSSL's engine asks for as much room as a record has encrypted; were there less, Tomcat would enlarge its
        // parser's buffer and mix up what is in it.
        getBufHandler().expand(Math.max(session.getApplicationBufferSize(), session.getPacketBufferSize()));
        netInBuffer = ByteBufferUtils.expand(netInBuffer, session.getPacketBufferSize());
        netOutBuffer = ByteBufferUtils.expand(netOutBuffer, session.getPacketBufferSize());
        netOutBuffer.clear().limit(0);
        engine.beginHandshake();
        handshakeStatus = engine.getHandshakeStatus();
    }

    /** The connection, for its requests; TLS or not. */
    @Override
    public @Nullable SSLSupport getSSLSupport() {
        return support;
    }

    @Override
    public void close(boolean force) throws IOException {
        try {
            super.close(force);
        } finally {
            if (!sc.isOpen()) {
                finish();
            }
        }
    }

    private void finish() {
        ServedConnection ended = served;
        served = null;
        if (ended != null) {
            ended.close();
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!clear) {
            return super.read(into);
        }
        if (closing || closed) {
            return -1;
        }
        int looked = takeLooked(into);
        return looked > 0 ? looked : sc.read(into);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        if (!clear) {
            return super.read(into, offset, length);
        }
        if (closing || closed) {
            return -1;
        }
        long looked = 0;
        for (int i = offset; i < offset + length && netInBuffer.position() > 0; i++) {
            looked += takeLooked(into[i]);
        }
        return looked > 0 ? looked : sc.read(into, offset, length);
    }

    /** Moves what was read for the choice. */
    private int takeLooked(ByteBuffer into) {
        int count = Math.min(netInBuffer.position(), into.remaining());
        if (count > 0) {
            netInBuffer.flip();
            into.put(netInBuffer.duplicate().limit(count));
            netInBuffer.position(count).compact();
        }
        return count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        if (!clear) {
            return super.write(from);
        }
        checkInterruptStatus();
        return sc.write(from);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        if (!clear) {
            return super.write(from, offset, length);
        }
        checkInterruptStatus();
        return sc.write(from, offset, length);
    }
}
