package io.inmesh.balancing;

import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Endpoint;
import io.inmesh.model.TransportSocket;
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
     * What became of the hosts.
     *
     * @param retired  those that are no longer in the list
     * @param outdated whether a host that stays has connections that it would not get any more
     */
    record Change(List<Host> retired, boolean outdated) {}

    /** Takes over an endpoint list. A host that is listed more than once has the configuration of its first entry. */
    Change update(Cluster cluster, Assignment newAssignment) {
        boolean outdated = false;
        Map<Address, Host> before = hosts;
        Map<Address, Host> after = new HashMap<>();
        for (LocalityEndpoints locality : newAssignment.localities()) {
            for (Endpoint endpoint : locality.endpoints()) {
                Address address = new Address(endpoint.address(), endpoint.port());
                if (!after.containsKey(address)) {
                    Host known = before.get(address);
                    TransportSocket transport = cluster.transportFor(endpoint, locality);
                    if (known == null) {
                        after.put(address, new Host(endpoint, transport, locality.locality(), locality.priority()));
                    } else {
                        outdated |= known.update(endpoint, transport, locality.locality(), locality.priority());
                        after.put(address, known);
                    }
                }
            }
        }
        return new Change(takeOver(after, newAssignment), outdated);
    }

    /** Lets all hosts go and returns them, retired. */
    List<Host> clear() {
        return takeOver(Map.of(), Assignment.empty(""));
    }

    private List<Host> takeOver(Map<Address, Host> after, Assignment newAssignment) {
        List<Host> retired = new ArrayList<>();
        hosts.forEach((address, host) -> {
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
