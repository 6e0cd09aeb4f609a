package io.inmesh.balancing;

import io.inmesh.model.Cluster.DnsFamily;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The name of a host whose addresses are looked up when a connection to it is made, and what came of that before. Names that the mesh itself knows need no
 * resolver. As in Envoy's DNS cache, addresses that were found once stay when the resolver fails or hangs later, and a name without any is not asked for
 * again for a while.
 *
 * <p>For transports. Thread-safe; takes no lock and asks nobody: who makes the connection asks a resolver, where it may block, and tells the answer here.
 */
public final class HostName {
    /**
     * How long a connection waits for newer addresses than those that there are. Envoy asks at the end of their time to live, which no connection waits for; here
     * it is asked when a connection is made, so one that is made long after the last would else never see what has changed.
     */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final String text;
    private final @Nullable DnsFamily family;
    private final long failureNanos;
    private final long queryNanos;
    private final MeshNames names;
    private final LongSupplier nanoClock;
    private volatile List<InetAddress> found = List.of();
    private volatile @Nullable Failure failure;

    /**
     * @param family     which addresses count; null for all of them, in the resolver's order
     * @param queryNanos how long a resolver has for a name without any address; 0: as long as it likes
     */
    HostName(
            String text,
            @Nullable DnsFamily family,
            long failureNanos,
            long queryNanos,
            MeshNames names,
            LongSupplier nanoClock) {
        this.text = text;
        this.family = family;
        this.failureNanos = failureNanos;
        this.queryNanos = queryNanos;
        this.names = names;
        this.nanoClock = nanoClock;
    }

    /** What to ask a resolver for. */
    public String text() {
        return text;
    }

    /** What there is to say without asking a resolver; null if one must be asked. */
    public @Nullable Answer known() {
        List<InetAddress> ofMesh = select(names.of(text));
        if (!ofMesh.isEmpty()) {
            return new Answer(ofMesh, "");
        }
        Failure last = failure;
        return last != null && nanoClock.getAsLong() - last.nanos < failureNanos ? last.answer : null;
    }

    /**
     * How long a connection may wait for a resolver's answer, which counts whenever it comes; {@link Long#MAX_VALUE}: for ever. 0 if there are addresses and the
     * resolver is known to be in trouble: then the connection has {@link #unanswered} at once.
     */
    public long patienceNanos() {
        if (found.isEmpty()) {
            return queryNanos == 0 ? Long.MAX_VALUE : queryNanos;
        }
        return failure == null ? PATIENCE_NANOS : 0;
    }

    /** A resolver found these addresses, of any family. */
    public Answer found(List<InetAddress> addresses) {
        List<InetAddress> usable = List.copyOf(select(addresses));
        if (usable.isEmpty()) {
            return failed(text + ": no address" + (family == null ? "" : " of the family " + family));
        }
        found = usable;
        failure = null;
        return new Answer(usable, "");
    }

    /** A resolver found nothing, or has not answered in time, for this reason. */
    public Answer failed(String problem) {
        Answer last = new Answer(found, problem);
        failure = new Failure(last, nanoClock.getAsLong());
        return last;
    }

    /** There is no answer, for this reason, which is no failure of the name's: the addresses found before count, and the next connection may ask. */
    public Answer unanswered(String problem) {
        return new Answer(found, problem);
    }

    private List<InetAddress> select(List<InetAddress> addresses) {
        return family == null ? addresses : family.select(addresses);
    }

    @Override
    public String toString() {
        return text;
    }

    /**
     * What a lookup ends with.
     *
     * @param addresses to be tried in turn; empty if there is none
     * @param problem   why the last lookup failed, for an operator; empty if it did not
     */
    public record Answer(List<InetAddress> addresses, String problem) {}

    private record Failure(Answer answer, long nanos) {}
}
