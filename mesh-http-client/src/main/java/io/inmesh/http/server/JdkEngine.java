package io.inmesh.http.server;

import java.lang.ref.Cleaner;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An engine that chooses late. The first bytes that it is asked to unwrap choose the chain; the engine of that chain does the rest, and an exception closes a connection that
 * is refused. Once the handshake is done, network filters are asked before anything that was decrypted is let through.
 *
 * <p>What the chosen engine holds goes back when the JDK's server has closed both directions and sent its {@code close_notify}; should it never do so, when this engine is
 * garbage.
 */
final class JdkEngine extends SSLEngine {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final SSLEngineResult MORE =
            new SSLEngineResult(Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_UNWRAP, 0, 0);
    private static final SSLEngineResult NOTHING = new SSLEngineResult(Status.OK, HandshakeStatus.NEED_UNWRAP, 0, 0);
    private static final SSLEngineResult CLOSED =
            new SSLEngineResult(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
    private static final String[] NONE_YET = {};
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final ServedPort port;
    private final InetSocketAddress local;
    private final SSLSession none;
    private volatile @Nullable ServedConnection connection;
    private volatile @Nullable SSLEngine chosen;
    private volatile boolean established;
    private volatile boolean inboundClosed;
    private volatile boolean outboundClosed;

    /**
     * For a connection that is to come.
     *
     * @param none what there is of a session before there is one
     */
    JdkEngine(ServedPort port, InetSocketAddress local, SSLSession none) {
        this.port = port;
        this.local = local;
        this.none = none;
    }

    /** Nothing but the caller's address is taken from them: what TLS a connection speaks is the chain's. */
    @Override
    public void setSSLParameters(SSLParameters parameters) {
        if (parameters instanceof JdkCaller caller && connection == null) {
            ServedConnection arriving = port.arriving(caller.address(), local);
            connection = arriving;
            CLEANER.register(this, arriving::close);
        }
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length) throws SSLException {
        SSLEngine engine = chosen;
        if (engine == null) {
            if (inboundClosed) {
                return CLOSED;
            }
            engine = choose(source);
            if (engine == null) {
                return MORE;
            }
        }
        SSLEngineResult result = engine.unwrap(source, targets, offset, length);
        if (!established
                && result.getStatus() == Status.OK
                && result.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
            result = settled(result, engine.unwrap(NO_BYTES, targets, offset, length));
        }
        return passed(result);
    }

    /**
     * As it is when the engine is asked once more, without bytes: netty-tcnative notices only then that a handshake is done, and otherwise would with the first bytes of the
     * application, which the JDK's server throws away as long as it shakes hands.
     */
    private static SSLEngineResult settled(SSLEngineResult result, SSLEngineResult askedAgain) {
        return new SSLEngineResult(
                result.getStatus(), askedAgain.getHandshakeStatus(), result.bytesConsumed(), result.bytesProduced());
    }

    private @Nullable SSLEngine choose(ByteBuffer source) throws SSLException {
        ServedConnection arriving = connection();
        ServedConnection.Step step = arriving.arrive(source, false);
        if (step == ServedConnection.Step.MORE) {
            return null;
        }
        if (step != ServedConnection.Step.HANDSHAKE) {
            throw new SSLException(
                    step == ServedConnection.Step.CLEAR
                            ? "the connection is in the clear, which this server cannot take"
                            : "the connection is refused");
        }
        SSLEngine engine = arriving.engine();
        chosen = engine;
        return engine;
    }

    private ServedConnection connection() throws SSLException {
        ServedConnection arriving = connection;
        if (arriving == null) {
            throw new SSLException("it is not known from where the connection comes");
        }
        return arriving;
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) throws SSLException {
        SSLEngine engine = chosen;
        if (engine == null) {
            return outboundClosed ? CLOSED : NOTHING;
        }
        boolean last = inboundClosed && outboundClosed;
        try {
            return passed(engine.wrap(sources, offset, length, target));
        } finally {
            if (last) {
                release();
            }
        }
    }

    /** Not every engine says {@code FINISHED}: one that no longer shakes hands has done so. */
    private SSLEngineResult passed(SSLEngineResult result) throws SSLException {
        HandshakeStatus now = result.getHandshakeStatus();
        if (!established
                && result.getStatus() == Status.OK
                && (now == HandshakeStatus.FINISHED || now == HandshakeStatus.NOT_HANDSHAKING)) {
            if (!connection().handshaken()) {
                throw new SSLException("the connection is refused");
            }
            established = true;
        }
        return result;
    }

    @Override
    public void closeInbound() throws SSLException {
        inboundClosed = true;
        SSLEngine engine = chosen;
        if (engine != null) {
            engine.closeInbound();
        }
    }

    @Override
    public void closeOutbound() {
        outboundClosed = true;
        SSLEngine engine = chosen;
        if (engine != null) {
            engine.closeOutbound();
        }
        if (inboundClosed && (engine == null || engine.isOutboundDone())) {
            release();
        }
    }

    private void release() {
        ServedConnection arrived = connection;
        if (arrived != null) {
            arrived.close();
        }
    }

    @Override
    public boolean isInboundDone() {
        SSLEngine engine = chosen;
        return engine == null ? inboundClosed : engine.isInboundDone();
    }

    @Override
    public boolean isOutboundDone() {
        SSLEngine engine = chosen;
        return engine == null ? outboundClosed : engine.isOutboundDone();
    }

    @Override
    public SSLSession getSession() {
        SSLEngine engine = chosen;
        ServedConnection arrived = connection;
        return engine == null || arrived == null ? none : new JdkSession(engine.getSession(), arrived);
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        SSLEngine engine = chosen;
        return engine == null ? null : engine.getDelegatedTask();
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        SSLEngine engine = chosen;
        return engine == null ? HandshakeStatus.NEED_UNWRAP : engine.getHandshakeStatus();
    }

    @Override
    public void beginHandshake() throws SSLException {
        SSLEngine engine = chosen;
        if (engine != null) {
            engine.beginHandshake();
        }
    }

    @Override
    public String[] getSupportedCipherSuites() {
        SSLEngine engine = chosen;
        return engine == null ? NONE_YET : engine.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        SSLEngine engine = chosen;
        return engine == null ? NONE_YET : engine.getEnabledCipherSuites();
    }

    @Override
    public String[] getSupportedProtocols() {
        SSLEngine engine = chosen;
        return engine == null ? NONE_YET : engine.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        SSLEngine engine = chosen;
        return engine == null ? NONE_YET : engine.getEnabledProtocols();
    }

    @Override
    public boolean getUseClientMode() {
        return false;
    }

    @Override
    public boolean getNeedClientAuth() {
        SSLEngine engine = chosen;
        return engine != null && engine.getNeedClientAuth();
    }

    @Override
    public boolean getWantClientAuth() {
        SSLEngine engine = chosen;
        return engine != null && engine.getWantClientAuth();
    }

    @Override
    public boolean getEnableSessionCreation() {
        return true;
    }

    // The chain says all of these.

    @Override
    public void setEnabledCipherSuites(String[] suites) {}

    @Override
    public void setEnabledProtocols(String[] protocols) {}

    @Override
    public void setUseClientMode(boolean mode) {}

    @Override
    public void setNeedClientAuth(boolean need) {}

    @Override
    public void setWantClientAuth(boolean want) {}

    @Override
    public void setEnableSessionCreation(boolean flag) {}
}
