package io.inmesh.balancing;

import io.inmesh.model.Cluster.DnsFamily;
import java.net.InetAddress;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The name of a host whose addresses are looked up when a connection to it is made, and what came of that before. Names that the mesh itself knows need no
 * resolver. As in Envoy's DNS cache, addresses that were found once stay when the resolver fails later, and a name without any is not asked for
 * again for a while.
 *
 * <p>For transports. Thread-safe; takes no lock and asks nobody: who makes the connection asks a resolver, where it may block, and tells the answer here.
 */
public final class HostName {
    private final String text;
    private final @Nullable DnsFamily family;
    private final long failureNanos;
    private final MeshNames names;
    private final LongSupplier nanoClock;
    private volatile List<InetAddress> found = List.of();
    private volatile @Nullable Failure failure;

    /** @param family which addresses count; null for all of them, in the resolver's order */
    HostName(String text, @Nullable DnsFamily family, long failureNanos, MeshNames names, LongSupplier nanoClock) {
        this.text = text;
        this.family = family;
        this.failureNanos = failureNanos;
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

    /** A resolver found nothing, for this reason. */
    public Answer failed(String problem) {
        Answer last = new Answer(found, problem);
        failure = new Failure(last, nanoClock.getAsLong());
        return last;
    }

    /** No resolver was asked, for this reason: the addresses found before count, and the next connection may ask. */
    public Answer notAsked(String problem) {
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
