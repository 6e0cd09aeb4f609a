package io.inmesh.balancing;

import io.inmesh.model.Endpoint.Health;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster whose requests name them. A host is made when a request first asks for it, is the same object for as long as it is used, and
 * goes when it was not used for a while. There is no thread that looks for such hosts: the first request after the time for it does, whatever host it wants,
 * so a cluster without requests keeps what it has, and that is bounded.
 *
 * <p>A request may have chosen a host at the very moment when another one lets it go. That does no harm: the host serves whom it was given to, as any host
 * that retires.
 *
 * <p>Thread-safe.
 */
final class RequestHosts implements HostChooser {
    /** Which part of the table makes room at once when it is full, so that not every new host has to look for one. */
    private static final int SHARE_TO_GO = 8;

    private final ConcurrentHashMap<RequestedAddress, Entry> hosts = new ConcurrentHashMap<>();
    private final MeshNames names;
    private final LongSupplier nanoClock;
    private final Consumer<List<Host>> onRetired;
    private final AtomicLong nextSweep;
    private volatile RequestRules rules;
    private volatile boolean closed;

    /** @param onRetired told of hosts that go, on the thread of a request */
    RequestHosts(RequestRules rules, MeshNames names, LongSupplier nanoClock, Consumer<List<Host>> onRetired) {
        this.rules = rules;
        this.names = names;
        this.nanoClock = nanoClock;
        this.onRetired = onRetired;
        this.nextSweep = new AtomicLong(nanoClock.getAsLong() + rules.sweepNanos());
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
        return retire(List.copyOf(hosts.keySet()));
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
        long due = nextSweep.get();
        if (time - due >= 0 && nextSweep.compareAndSet(due, time + now.sweepNanos())) {
            letGo(unused(time, now.idleNanos()));
        }
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
        Entry made = new Entry(now.newHost(address, names, nanoClock), time);
        Entry other = hosts.putIfAbsent(address, made);
        if (other != null) {
            return other.host;
        }
        // What came between the look and the addition has not seen the new host.
        if (closed) {
            letGo(List.of(address));
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

    private boolean makeRoom(RequestRules now, long time) {
        if (now.refuses()) {
            letGo(unused(time, now.idleNanos()));
            return hosts.size() < now.limit();
        }
        List<RequestedAddress> idle = unused(time, 0);
        letGo(idle.subList(0, Math.min(idle.size(), Math.max(1, now.limit() / SHARE_TO_GO))));
        // Where all are in use, there are as many requests, and those have limits of their own.
        return true;
    }

    /** Hosts that no request is at, and none was for so long; those that are unused for the longest time in front. */
    private List<RequestedAddress> unused(long time, long nanos) {
        List<Unused> unused = new ArrayList<>();
        hosts.forEach((address, entry) -> {
            if (entry.host.activeRequests().get() > 0) {
                entry.lastUsed = time;
            } else if (time - entry.lastUsed >= nanos) {
                unused.add(new Unused(address, time - entry.lastUsed));
            }
        });
        return unused.stream()
                .sorted(Comparator.comparingLong(Unused::nanos).reversed())
                .map(Unused::address)
                .toList();
    }

    private void letGo(List<RequestedAddress> addresses) {
        if (!addresses.isEmpty()) {
            onRetired.accept(retire(addresses));
        }
    }

    private List<Host> retire(List<RequestedAddress> addresses) {
        List<Host> retired = new ArrayList<>(addresses.size());
        for (RequestedAddress address : addresses) {
            Entry entry = hosts.remove(address);
            if (entry != null) {
                entry.host.retire();
                retired.add(entry.host);
            }
        }
        return retired;
    }

    private record Unused(RequestedAddress address, long nanos) {}

    private static final class Entry {
        final Host host;
        volatile long lastUsed;

        Entry(Host host, long lastUsed) {
            this.host = host;
            this.lastUsed = lastUsed;
        }

        boolean update(RequestRules newRules) {
            return host.update(host.endpoint(), newRules.transport(), host.locality(), host.priority());
        }
    }
}
