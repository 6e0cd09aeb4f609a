package io.inmesh.inbound;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an operator who was refused, and by which policy, which the caller is never told. Callers must not be able to fill the log, so there are only so many lines a
 * second; how many were left out is said with the next one.
 */
final class RefusalLog {
    /** For all servers of the process. */
    static final RefusalLog SHARED = new RefusalLog(System::nanoTime);

    static final int LINES_A_SECOND = 10;
    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);

    private final LongSupplier nanoTime;
    private final AtomicLong windowStart;
    private final AtomicInteger lines = new AtomicInteger();
    private final AtomicInteger leftOut = new AtomicInteger();

    RefusalLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.windowStart = new AtomicLong(nanoTime.getAsLong());
    }

    /** An answer of the mesh itself goes out: noted if it is 401 or 403. */
    void request(RequestHead head, StreamInfo info, LocalReply reply, int status) {
        if ((reply.status() == 401 || reply.status() == 403 || status == 401 || status == 403) && mayWrite()) {
            int query = head.path().indexOf('?');
            write(
                    "refused " + head.method() + " "
                            + (query < 0 ? head.path() : head.path().substring(0, query)),
                    info.downstream(),
                    reply.details());
        }
    }

    /** A connection is closed before its handshake. */
    void arrival(ConnectionArrival arrival, String reason) {
        if (mayWrite()) {
            write(
                    "closed a connection from " + arrival.remote() + ":" + arrival.remotePort() + " at "
                            + arrival.local() + ":" + arrival.localPort(),
                    null,
                    reason);
        }
    }

    /** A connection is closed by a network filter. */
    void connection(DownstreamConnection facts, String reason) {
        if (mayWrite()) {
            write("closed a connection", facts, reason);
        }
    }

    /** Whether there is room for a line; if not, one more is left out. */
    boolean mayWrite() {
        if (!LOG.isInfoEnabled()) {
            return false;
        }
        long now = nanoTime.getAsLong();
        long start = windowStart.get();
        if (now - start >= TimeUnit.SECONDS.toNanos(1) && windowStart.compareAndSet(start, now)) {
            lines.set(0);
        }
        if (lines.incrementAndGet() <= LINES_A_SECOND) {
            return true;
        }
        leftOut.incrementAndGet();
        return false;
    }

    /** How many lines were left out since the last one that was written. */
    int takeLeftOut() {
        return leftOut.getAndSet(0);
    }

    private void write(String what, @Nullable DownstreamConnection facts, String reason) {
        int missing = takeLeftOut();
        LOG.info(
                "{}{}: {}{}",
                printable(what),
                facts == null ? "" : printable(who(facts)),
                printable(reason),
                missing == 0 ? "" : " (" + missing + " more were refused)");
    }

    /** Strangers choose parts of it (server names, ALPN, names of certificates), and must not be able to write lines of their own, or to a terminal. */
    static String printable(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            boolean shown = each >= ' ' && each < 0x7f;
            escaped.append(shown ? String.valueOf(each) : String.format(Locale.ROOT, "\\u%04x", (int) each));
        }
        return escaped.toString();
    }

    private static String who(DownstreamConnection facts) {
        PeerCertificate peer = facts.peer();
        return " of " + (peer == null ? "an unknown peer" : peer) + " from " + facts.remote() + ":" + facts.remotePort()
                + " at " + facts.local() + ":" + facts.localPort();
    }
}
