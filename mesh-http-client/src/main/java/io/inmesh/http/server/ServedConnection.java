package io.inmesh.http.server;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.model.DownstreamTls;
import io.inmesh.transport.FirstBytes;
import io.inmesh.transport.ServerTls;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a server whose TLS is an {@link SSLEngine}: its first bytes choose a chain, then comes the handshake if the chain has one, then the network filters, then
 * requests. Until {@link #inbound} one thread at a time uses it; {@link #close} comes from any.
 */
final class ServedConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ServedConnection.class);

    /** What follows from the first bytes. */
    enum Step {
        /** More of them are needed. */
        MORE,
        /** They are a ClientHello, and there is an {@link #engine} for it. */
        HANDSHAKE,
        /** The connection stays in the clear, and may be used. */
        CLEAR,
        /** It must be closed. */
        REFUSED
    }

    private final ServedPort port;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;
    private final AtomicBoolean closed = new AtomicBoolean();
    private ChainChoice.@Nullable Accepted chain;
    private @Nullable ServerTls tls;
    private String clearProtocol = "";
    private volatile @Nullable SSLEngine engine;
    private volatile @Nullable InboundConnection inbound;
    private volatile boolean draining;
    private volatile @Nullable ServedEnd end;
    private long generation;

    ServedConnection(ServedPort port, InetSocketAddress remote, InetSocketAddress local) {
        this.port = port;
        this.remote = remote;
        this.local = local;
    }

    /**
     * Looks at what has come so far; not asked again after another answer than {@link Step#MORE}.
     *
     * @param bytes all since the start of the connection; left as they are
     * @param full  whether no more of them can be kept; what is not known by then counts as nothing known, in the clear
     */
    Step arrive(ByteBuffer bytes, boolean full) {
        FirstBytes seen = FirstBytes.look(bytes);
        if (seen == null && !full) {
            return Step.MORE;
        }
        if (seen instanceof FirstBytes.Malformed malformed) {
            return refuse(malformed.reason());
        }
        FirstBytes.Tls hello = seen instanceof FirstBytes.Tls tlsHello ? tlsHello : null;
        if (hello == null && isHello(bytes)) {
            return refuse("its ClientHello is too long");
        }
        clearProtocol = seen instanceof FirstBytes.Plaintext plaintext ? plaintext.protocol() : "";
        ChainChoice choice = port.port().choose(arrival(hello));
        if (choice instanceof ChainChoice.Refused refused) {
            return refuse(refused.reason());
        }
        ChainChoice.Accepted accepted = (ChainChoice.Accepted) choice;
        chain = accepted;
        DownstreamTls wanted = accepted.tls();
        if (wanted == null) {
            return hello != null
                    ? refuse("a ClientHello came to filter chain " + accepted.chain() + ", which has no TLS")
                    : establish(null) ? Step.CLEAR : Step.REFUSED;
        }
        if (hello == null) {
            return refuse("no ClientHello came to filter chain " + accepted.chain() + ", which has TLS");
        }
        try {
            ServerTls settings = port.ready(wanted);
            tls = settings;
            generation = settings.generation();
            engine = settings.newEngine();
            return Step.HANDSHAKE;
        } catch (SSLException e) {
            return refuse(String.valueOf(e.getMessage()));
        }
    }

    /** Whether bytes begin as a ClientHello does ({@code ContentType.handshake} of RFC 8446, section 5.1), so that a longer look may be needed. */
    static boolean isHello(ByteBuffer bytes) {
        return bytes.hasRemaining() && bytes.get(bytes.position()) == 22;
    }

    /** A listener without inspectors is told nothing of what was seen. */
    private ConnectionArrival arrival(FirstBytes.@Nullable Tls hello) {
        boolean inspects = port.port().inspects();
        List<String> protocols = List.of();
        if (inspects && hello != null) {
            protocols = hello.applicationProtocols();
        } else if (inspects && !clearProtocol.isEmpty()) {
            protocols = List.of(clearProtocol);
        }
        return new ConnectionArrival(
                address(remote),
                remote.getPort(),
                address(local),
                local.getPort(),
                inspects && hello != null,
                inspects && hello != null ? hello.serverName().toLowerCase(Locale.ROOT) : "",
                protocols);
    }

    /** The engine that {@link Step#HANDSHAKE} spoke of. */
    SSLEngine engine() {
        SSLEngine made = engine;
        if (made == null) {
            throw new IllegalStateException("no TLS on this connection");
        }
        return made;
    }

    /** The handshake is done. False if the connection must be closed. */
    boolean handshaken() {
        ServerTls settings = tls;
        return settings != null && establish(settings.facts(engine()));
    }

    private boolean establish(DownstreamConnection.@Nullable Tls facts) {
        ChainChoice.Accepted accepted = chain;
        if (accepted == null) {
            throw new IllegalStateException("no chain was chosen");
        }
        InboundConnection connection = accepted.established(
                new DownstreamConnection(address(remote), remote.getPort(), address(local), local.getPort(), facts));
        String refusal = connection.refusal();
        if (refusal != null) {
            connection.closed();
            refuse(refusal);
            return false;
        }
        inbound = connection;
        connection.onDrain(() -> {
            draining = true;
            ServedEnd known = end;
            if (known != null) {
                known.begin();
            }
        });
        return true;
    }

    /** How the server ends it; to be told once it is established, and again where another protocol takes the socket over. */
    void endsBy(ServedSocket socket) {
        InboundConnection connection = inbound;
        if (connection == null) {
            throw new IllegalStateException("the connection is not established");
        }
        ServedEnd known = new ServedEnd(connection, socket);
        end = known;
        // Put there first, looked second, as onDrain does it the other way round: one of the two sees the other.
        if (draining) {
            known.begin();
        }
    }

    /** For its requests; null before it is established. */
    @Nullable
    InboundConnection inbound() {
        return inbound;
    }

    /** Whether the peer's certificate was verified; one that was not is nobody's, and no application is shown it as if it were somebody's. */
    boolean peerVerified() {
        InboundConnection established = inbound;
        return established != null && established.facts().verifiedPeer() != null;
    }

    /** Whether there is TLS. */
    boolean secure() {
        return engine != null;
    }

    /**
     * Whether HTTP/2 is spoken: ALPN says so, or selected nothing and the first bytes say so. As Envoy's {@code AUTO} codec decides.
     *
     * @param preface whether the first bytes of the connection, or below TLS the first ones that were decrypted, are HTTP/2's
     */
    boolean http2(boolean preface) {
        String protocol = protocol();
        return protocol.isEmpty() ? preface : protocol.equals("h2");
    }

    /** What ALPN selected, or empty. */
    String protocol() {
        InboundConnection connection = inbound;
        DownstreamConnection.Tls facts =
                connection == null ? null : connection.facts().tls();
        return facts == null ? "" : facts.protocol();
    }

    /** Whether the first bytes in the clear are HTTP/2's. */
    boolean clearHttp2() {
        return clearProtocol.equals("h2c");
    }

    /** Whether it should take no more requests: its chain was replaced, or its secrets are no longer good. The peer is told then, if it was not. */
    boolean draining() {
        ServerTls settings = tls;
        boolean ends = draining || (settings != null && settings.isOutdated(generation));
        ServedEnd known = end;
        if (ends && known != null) {
            known.begin();
        }
        return ends;
    }

    /** The socket is closed: gives back what the engine holds. Repeated calls do nothing. */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        ServedEnd known = end;
        if (known != null) {
            known.closed();
        }
        InboundConnection connection = inbound;
        if (connection != null) {
            connection.closed();
        }
        SSLEngine held = engine;
        ServerTls settings = tls;
        if (held != null && settings != null) {
            settings.release(held);
        }
    }

    private Step refuse(String reason) {
        LOG.debug("Connection from {} to {} is closed: {}", remote, local, reason);
        return Step.REFUSED;
    }

    private static IpAddress address(InetSocketAddress socket) {
        return IpAddress.of(socket.getAddress().getAddress());
    }
}
