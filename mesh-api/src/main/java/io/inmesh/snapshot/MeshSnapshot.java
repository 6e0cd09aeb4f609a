package io.inmesh.snapshot;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.model.RouteTable;
import io.inmesh.model.Secret;
import java.util.List;
import java.util.Map;

/**
 * Everything that a control plane has said, at one moment, and complete: each listener has its route table, each cluster its endpoints or the
 * reason why it has none. Immutable; a new one replaces it as a whole.
 *
 * @param generation  counts up with each snapshot of a source
 * @param listeners   by name
 * @param inbound     those that a server of this process may have, by name; one whose direction nobody said is here and among {@code listeners}
 * @param routeTables by name
 * @param clusters    by name
 * @param secrets     of the control plane's own stream, by name; those only that a cluster or a listener names
 * @param addresses   of host names that the mesh knows, lower case, to IP addresses, the preferred one first: Istio's name table, the DNS of Kuma
 * @param absent      resources that were asked for and are not there, with the reason
 */
public record MeshSnapshot(
        long generation,
        Map<String, Listener> listeners,
        Map<String, InboundListener> inbound,
        Map<String, RouteTable> routeTables,
        Map<String, ClusterState> clusters,
        Map<String, Secret> secrets,
        Map<String, List<String>> addresses,
        Map<ResourceName, String> absent) {

    /** Before anything was said. */
    public static final MeshSnapshot EMPTY = new MeshSnapshot(0, Map.of(), Map.of(), Map.of(), Map.of());

    /** A snapshot takes maps over and copies none: whoever publishes must not change them afterwards. */
    public MeshSnapshot {}

    /** A snapshot without inbound listeners and secrets. */
    public MeshSnapshot(
            long generation,
            Map<String, Listener> listeners,
            Map<String, RouteTable> routeTables,
            Map<String, ClusterState> clusters,
            Map<ResourceName, String> absent) {
        this(generation, listeners, Map.of(), routeTables, clusters, Map.of(), Map.of(), absent);
    }

    /** A snapshot without names of its own. */
    public MeshSnapshot(
            long generation,
            Map<String, Listener> listeners,
            Map<String, InboundListener> inbound,
            Map<String, RouteTable> routeTables,
            Map<String, ClusterState> clusters,
            Map<String, Secret> secrets,
            Map<ResourceName, String> absent) {
        this(generation, listeners, inbound, routeTables, clusters, secrets, Map.of(), absent);
    }

    /** A cluster that serves, or one that does not and why. */
    public sealed interface ClusterState {
        /** A cluster whose endpoints are known, if only as an empty list. */
        record Ready(Cluster cluster, Assignment assignment) implements ClusterState {}

        /** A cluster that was named and cannot be used; calls to it fail with this reason, and to nothing else. */
        record Failed(String reason) implements ClusterState {}
    }
}
