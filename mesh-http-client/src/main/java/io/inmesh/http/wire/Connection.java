package io.inmesh.http.wire;

import io.inmesh.exchange.IpAddress;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** An established connection: what the pool needs to know of it, and what a stream does with it. Lives on the loop. */
// The outcome of a close or a write is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
abstract class Connection {
    final Channel channel;
    private final ConnectionPool pool;
    private final Runnable flushTask = this::flushNow;
    private final Lifetime lifetime = new Lifetime(this);
    private final ConnectionFacts firstFacts;
    private final ConnectionFacts laterFacts;
    private boolean flushPending;

    /** Streams that hold one of its places. */
    int active;

    /** Streams that it may still take in its life. */
    int remaining;

    /** Whether the pool's ready queue holds it. */
    boolean ready;

    /** No new streams; closed when the last one has ended. */
    boolean draining;

    /** Of the secrets that its TLS was made with. */
    long tlsGeneration;

    private boolean used;
    private @Nullable IpAddress remoteIp;

    Connection(ConnectionPool pool, Channel channel, String protocol, @Nullable SSLSession tls) {
        this.pool = pool;
        this.channel = channel;
        String local = text(channel.localAddress());
        String remote = text(channel.remoteAddress());
        this.firstFacts = new ConnectionFacts(local, remote, protocol, false, tls);
        this.laterFacts = new ConnectionFacts(local, remote, protocol, true, tls);
    }

    /** How many streams it can have at once. */
    abstract int streamLimit();

    /** Sends the head of a stream. */
    abstract void start(WireStream stream);

    /** Sends a piece of its body. */
    abstract void write(WireStream stream, ByteBuffer data, boolean endStream);

    abstract boolean isWritable(WireStream stream);

    /** The stream can take more of the response. */
    abstract void wantMore(WireStream stream);

    /** The stream has handed on so much of the response's body. */
    abstract void consumed(WireStream stream, int bytes);

    /** The stream is given up. The connection frees its place, now or when the reset was sent. */
    abstract void abort(WireStream stream);

    final ConnectionPool pool() {
        return pool;
    }

    final Lifetime lifetime() {
        return lifetime;
    }

    final boolean hasRoom() {
        return !draining && remaining > 0 && active < streamLimit() && channel.isActive();
    }

    /** The facts for the next stream. */
    final ConnectionFacts facts() {
        ConnectionFacts facts = used ? laterFacts : firstFacts;
        used = true;
        return facts;
    }

    final String remoteAddress() {
        return firstFacts.remoteAddress();
    }

    /** The address of the other side. */
    final IpAddress remoteIp() {
        IpAddress known = remoteIp;
        if (known == null) {
            known = ip((InetSocketAddress) channel.remoteAddress());
            remoteIp = known;
        }
        return known;
    }

    static IpAddress ip(InetSocketAddress address) {
        return IpAddress.of(address.getAddress().getAddress());
    }

    final void close() {
        draining = true;
        channel.close();
    }

    /** Flushes once for all that this turn of the loop writes. */
    final void flushSoon() {
        if (!flushPending) {
            flushPending = true;
            channel.eventLoop().execute(flushTask);
        }
    }

    private void flushNow() {
        flushPending = false;
        channel.flush();
    }

    private static String text(@Nullable Object address) {
        return address instanceof InetSocketAddress socketAddress ? NetUtil.toSocketAddressString(socketAddress) : "";
    }
}
