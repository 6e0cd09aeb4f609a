package io.inmesh.balancing;

import io.inmesh.model.Endpoint.Health;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster whose requests name them. A host is made when a request first asks for it, is the same object for as long as it is used, and
 * goes when it was not used for a while. There is no thread that looks for such hosts: requests do, whatever host they want, a few hosts each, so that what one
 * of them does is the same for ten hosts and for a million. A cluster without requests keeps what it has, and that is bounded.
 *
 * <p>The hosts stand in a queue in which they are visited in turn. One that is in use, or was used since the last visit, goes to its end: so the hosts in front
 * are those that are unused for the longest time, or nearly so (the clock algorithm, without its hand).
 *
 * <p>A request may have chosen a host at the very moment when another one lets it go. That does no harm: the host serves whom it was given to, as any host
 * that retires.
 *
 * <p>Thread-safe.
 */
final class RequestHosts implements HostChooser {
    /** How many hosts a request visits at most. More than one, so that hosts go faster than they come. */
    private static final int MOST_VISITS = 8;

    private final ConcurrentHashMap<RequestedAddress, Entry> hosts = new ConcurrentHashMap<>();
    /** Each host that is in the table, unless a request is visiting it. */
    private final ConcurrentLinkedQueue<Entry> queue = new ConcurrentLinkedQueue<>();

    private final MeshNames names;
    private final LongSupplier nanoClock;
    private final Consumer<List<Host>> onRetired;
    private volatile RequestRules rules;
    private volatile boolean closed;

    /** @param onRetired told of hosts that go, on the thread of a request */
    RequestHosts(RequestRules rules, MeshNames names, LongSupplier nanoClock, Consumer<List<Host>> onRetired) {
        this.rules = rules;
        this.names = names;
        this.nanoClock = nanoClock;
        this.onRetired = onRetired;
    }

    /** Takes over rules under which the hosts have the same names; returns whether connections that they have are outdated. */
    boolean update(RequestRules newRules) {
        rules = newRules;
        boolean outdated = false;
        for (Entry entry : hosts.values()) {
            outdated |= entry.update(newRules);
        }
        return outdated;
    }

    /** Lets all hosts go and returns them, retired. */
    List<Host> close() {
        closed = true;
        return hosts.values().stream()
                .filter(this::retire)
                .map(entry -> entry.host)
                .toList();
    }

    List<Host> all() {
        return hosts.values().stream().map(entry -> entry.host).toList();
    }

    RequestRules rules() {
        return rules;
    }

    @Override
    public @Nullable Host pick(PickContext context) {
        RequestRules now = rules;
        PickTrace trace = context.trace();
        if (trace != null) {
            trace.begin();
        }
        long time = nanoClock.getAsLong();
        letUnusedGo(now, time, now.sweepNanos());
        RequestedAddress address = now.address(context);
        Host host = address == null ? null : host(address, now, time, context);
        if (trace != null) {
            trace.named(host, hosts.size(), address != null && host == null);
        }
        return host == null || isEjected(host, now) ? null : host;
    }

    /** Envoy's dynamic forward proxy gives no host that is unhealthy; its original destinations are not asked. */
    private static boolean isEjected(Host host, RequestRules rules) {
        return rules.refuses() && host.health() == Health.UNHEALTHY;
    }

    private @Nullable Host host(RequestedAddress address, RequestRules now, long time, PickContext context) {
        Entry known = hosts.get(address);
        if (known != null) {
            known.lastUsed = time;
            return known.host;
        }
        if (!context.keepsHost()) {
            return now.newHost(address, names, nanoClock);
        }
        if (hosts.size() >= now.limit() && !makeRoom(now, time)) {
            return null;
        }
        Entry made = new Entry(address, now.newHost(address, names, nanoClock), time);
        Entry other = hosts.putIfAbsent(address, made);
        if (other != null) {
            return other.host;
        }
        queue.add(made);
        // What came between the look and the addition has not seen the new host.
        if (closed) {
            visit(made, time, true);
        } else {
            // Once more if the rules changed meanwhile: else the old ones could come last.
            RequestRules seen;
            do {
                seen = rules;
                made.update(seen);
            } while (!seen.equals(rules));
        }
        return made.host;
    }

    /** Visits hosts in front that were not visited for so long. */
    private void letUnusedGo(RequestRules now, long time, long sinceNanos) {
        for (int visits = 0; visits < MOST_VISITS && isDue(time, sinceNanos); visits++) {
            Entry entry = queue.poll();
            if (entry != null) {
                visit(entry, time, entry.isUnused(time, now.idleNanos()));
            }
        }
    }

    private boolean isDue(long time, long sinceNanos) {
        Entry first = queue.peek();
        return first != null && time - first.visited >= sinceNanos;
    }

    /** Whether there may be one host more. */
    private boolean makeRoom(RequestRules now, long time) {
        if (now.refuses()) {
            letUnusedGo(now, time, 0);
            return hosts.size() < now.limit();
        }
        boolean gone = false;
        for (int visits = 1; visits <= MOST_VISITS && hosts.size() >= now.limit(); visits++) {
            Entry entry = queue.poll();
            if (entry != null) {
                boolean usedSince = entry.lastUsed - entry.visited > 0;
                // Were all of them used since the last visit, then the last one goes all the same: nobody is at it.
                boolean lastChance = visits == MOST_VISITS && !gone;
                gone |= visit(entry, time, entry.isUnused(time, 0) && (!usedSince || lastChance));
            }
        }
        // Where all are in use, there are as many requests, and those have limits of their own.
        return true;
    }

    /** Returns whether it goes. */
    private boolean visit(Entry entry, long time, boolean goes) {
        if (!goes) {
            entry.visited = time;
            queue.add(entry);
        } else if (retire(entry)) {
            onRetired.accept(List.of(entry.host));
        }
        return goes;
    }

    private boolean retire(Entry entry) {
        boolean mine = hosts.remove(entry.address, entry);
        if (mine) {
            entry.host.retire();
        }
        return mine;
    }

    private static final class Entry {
        final RequestedAddress address;
        final Host host;
        volatile long lastUsed;
        /** When it came to the end of the queue. */
        volatile long visited;

        Entry(RequestedAddress address, Host host, long time) {
            this.address = address;
            this.host = host;
            this.lastUsed = time;
            this.visited = time;
        }

        /** Whether no request is at it, and none was for so long. */
        boolean isUnused(long time, long nanos) {
            if (host.activeRequests().get() > 0) {
                lastUsed = time;
                return false;
            }
            return time - lastUsed >= nanos;
        }

        boolean update(RequestRules newRules) {
            return host.update(host.endpoint(), newRules.transport(), host.locality(), host.priority());
        }
    }
}
