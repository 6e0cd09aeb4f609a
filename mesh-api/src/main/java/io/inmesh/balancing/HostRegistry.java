package io.inmesh.balancing;

import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The hosts of a cluster by address. A host is the same object from one endpoint list to the next for as long as its address is in it, wherever in
 * the list and with whatever health.
 *
 * <p>Changed on the configuration thread; {@link #all()} may be read from anywhere.
 */
final class HostRegistry {
    private record Address(String address, int port) {}

    private Map<Address, Host> hosts = Map.of();
    private Assignment assignment = Assignment.empty("");
    private volatile List<Host> all = List.of();

    /** The living hosts, each once. */
    List<Host> all() {
        return all;
    }

    /**
     * Takes over an endpoint list and returns the hosts that are no longer in it, retired. A host that is listed more than once has the
     * configuration of its first entry.
     */
    List<Host> update(Assignment newAssignment) {
        Map<Address, Host> before = hosts;
        Map<Address, Host> after = new HashMap<>();
        for (LocalityEndpoints locality : newAssignment.localities()) {
            for (Endpoint endpoint : locality.endpoints()) {
                Address address = new Address(endpoint.address(), endpoint.port());
                if (!after.containsKey(address)) {
                    Host known = before.get(address);
                    if (known == null) {
                        after.put(address, new Host(endpoint, locality.locality(), locality.priority()));
                    } else {
                        known.update(endpoint, locality.locality(), locality.priority());
                        after.put(address, known);
                    }
                }
            }
        }
        List<Host> retired = new ArrayList<>();
        before.forEach((address, host) -> {
            if (!after.containsKey(address)) {
                host.retire();
                retired.add(host);
            }
        });
        hosts = after;
        assignment = newAssignment;
        all = List.copyOf(after.values());
        return retired;
    }

    /**
     * A balancer over the hosts as they are now. In a list by EDS the first entry of an address counts and all others are passed over; in any
     * other list each entry takes part, so a host that is listed twice is chosen twice as often. Both are Envoy's way.
     */
    Balancer balancer(Cluster cluster, RandomGenerator random) {
        boolean firstOnly = cluster.discovery() instanceof Discovery.Eds;
        HostSets sets = new HostSets(assignment);
        Set<Host> seen = new HashSet<>();
        for (LocalityEndpoints locality : assignment.localities()) {
            sets.locality(locality);
            for (Endpoint endpoint : locality.endpoints()) {
                Host host = hosts.get(new Address(endpoint.address(), endpoint.port()));
                if (host != null && (!firstOnly || seen.add(host))) {
                    sets.add(locality, host, Integer.toUnsignedLong(endpoint.weight()), host.health(endpoint));
                }
            }
        }
        return sets.balancer(cluster.balancing(), random);
    }
}
