package io.inmesh.xds.graph;

import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.DnsLookup;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.xds.graph.HostResolver.Resolution;
import io.inmesh.xds.protocol.SessionLoop;
import io.inmesh.xds.protocol.SessionLoop.Timer;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the addresses of one cluster's host names up to date. The cluster counts as initialised when each name had its first answer, good or bad, or has waited
 * for it long enough; after a failure, and while the resolver hangs, the last good addresses stay.
 */
final class DnsTracker {
    /** {@code CaresDnsResolverConfig.query_timeout_seconds} has the same default. One name that nobody answers for holds up its cluster, and with it the first snapshot. */
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(5);

    private final Discovery discovery;
    private final DnsLookup lookup;
    private final Assignment template;
    private final HostResolver resolver;
    private final SessionLoop loop;
    private final Runnable onChange;
    private final Map<String, Name> names = new HashMap<>();
    private @Nullable Assignment current;
    private boolean closed;

    /** One host name. */
    private static final class Name {
        private boolean answered;
        private int failures;
        private List<String> addresses = List.of();
        private @Nullable Timer timer;
        private @Nullable Timer overdue;
    }

    DnsTracker(
            Discovery discovery,
            DnsLookup lookup,
            Assignment template,
            HostResolver resolver,
            SessionLoop loop,
            Runnable onChange) {
        this.discovery = discovery;
        this.lookup = lookup;
        this.template = template;
        this.resolver = resolver;
        this.loop = loop;
        this.onChange = onChange;
    }

    /** Whether it would do for a cluster that was configured so. */
    boolean fits(Discovery otherDiscovery, Assignment otherTemplate) {
        return discovery.equals(otherDiscovery) && template.equals(otherTemplate);
    }

    void start() {
        for (LocalityEndpoints locality : template.localities()) {
            for (Endpoint endpoint : locality.endpoints()) {
                if (!isIp(endpoint.address())) {
                    names.putIfAbsent(endpoint.address(), new Name());
                }
            }
        }
        rebuild();
        names.forEach((host, name) -> {
            name.overdue = loop.schedule(() -> onOverdue(name), FIRST_ANSWER);
            ask(host, name);
        });
    }

    /** It has no address until the answer comes, if it ever does. */
    private void onOverdue(Name name) {
        if (!closed && !name.answered) {
            name.answered = true;
            rebuild();
            onChange.run();
        }
    }

    /** Stops asking. */
    void close() {
        closed = true;
        for (Name name : names.values()) {
            cancel(name.timer);
            cancel(name.overdue);
        }
    }

    private static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** The endpoints by address, or null as long as a first answer is awaited. */
    @Nullable
    Assignment current() {
        return current;
    }

    private void ask(String host, Name name) {
        resolver.resolve(host)
                .whenComplete((answer, failure) -> loop.execute(() -> onAnswer(host, name, answer, failure)));
    }

    // A stage that failed gives a null answer.
    private void onAnswer(String host, Name name, @Nullable Resolution answer, @Nullable Throwable failure) {
        if (closed) {
            return;
        }
        boolean first = !name.answered;
        name.answered = true;
        cancel(name.overdue);
        Duration pause;
        if (answer == null || failure != null) {
            pause = pauseAfterFailure(name.failures);
            name.failures++;
        } else {
            name.failures = 0;
            name.addresses = texts(answer.addresses());
            Duration ttl = answer.ttl();
            pause = lookup.respectTtl() && ttl != null && !ttl.isZero() ? ttl : lookup.refresh();
        }
        name.timer = loop.schedule(() -> ask(host, name), pause);
        if (rebuild() || first) {
            onChange.run();
        }
    }

    private Duration pauseAfterFailure(int earlierFailures) {
        Duration pause = lookup.failureRefresh();
        for (int i = 0; i < earlierFailures && pause.compareTo(lookup.failureMax()) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(lookup.failureMax()) < 0 ? pause : lookup.failureMax();
    }

    private List<String> texts(List<InetAddress> addresses) {
        return lookup.family().select(addresses).stream()
                .map(NetUtil::toAddressString)
                .toList();
    }

    /** True if there is something new. An answer that says the same leaves the very same object. */
    private boolean rebuild() {
        if (names.values().stream().anyMatch(name -> !name.answered)) {
            return false;
        }
        List<LocalityEndpoints> localities = new ArrayList<>();
        for (LocalityEndpoints locality : template.localities()) {
            List<Endpoint> endpoints = new ArrayList<>();
            locality.endpoints().forEach(endpoint -> resolved(endpoint, endpoints));
            localities.add(new LocalityEndpoints(
                    locality.locality(),
                    locality.priority(),
                    locality.weight(),
                    List.copyOf(endpoints),
                    locality.metadata()));
        }
        Assignment rebuilt = new Assignment(
                template.name(),
                List.copyOf(localities),
                template.overprovisioning(),
                template.weightedPriorityHealth());
        if (rebuilt.equals(current)) {
            return false;
        }
        current = rebuilt;
        return true;
    }

    private void resolved(Endpoint endpoint, List<Endpoint> into) {
        Name name = names.get(endpoint.address());
        if (name == null) {
            into.add(endpoint);
            return;
        }
        if (name.addresses.isEmpty()) {
            return;
        }
        if (discovery instanceof Discovery.LogicalDns) {
            List<String> others = name.addresses.subList(1, name.addresses.size());
            into.add(resolved(endpoint, name.addresses.get(0), others));
        } else {
            name.addresses.forEach(address -> into.add(resolved(endpoint, address, List.of())));
        }
    }

    /** An endpoint of a cluster whose one host has all addresses of its name: a connection tries one after the other, as in Envoy's {@code LogicalHost}. */
    private static Endpoint resolved(Endpoint endpoint, String address, List<String> others) {
        return new Endpoint(
                address,
                endpoint.port(),
                endpoint.weight(),
                endpoint.health(),
                endpoint.hostname() == null ? endpoint.address() : endpoint.hostname(),
                endpoint.metadata(),
                others.stream()
                        .map(other -> new AdditionalAddress(other, endpoint.port()))
                        .toList());
    }

    private static boolean isIp(String address) {
        return NetUtil.isValidIpV4Address(address) || NetUtil.isValidIpV6Address(address);
    }
}
