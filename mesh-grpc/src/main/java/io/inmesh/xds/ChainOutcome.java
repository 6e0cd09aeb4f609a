package io.inmesh.xds;

import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.Listener;
import io.inmesh.model.Listener.TcpChain;
import io.inmesh.model.TransportSocket;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the connections that take one filter chain of a sidecar's listener.
 *
 * @param plain requests in the clear
 * @param tls   the application's own TLS
 */
record ChainOutcome(Choice plain, Choice tls) {

    /**
     * What goes where a chain does not lead.
     *
     * @param passthrough whether the application lets go what leads nowhere
     * @param anyHost     whether TLS that would be sent to a service may go to the host that it asks for instead: it is the service's own, or may be any
     */
    record Rules(boolean passthrough, boolean anyHost) {}

    /** The chain with the HTTP connection manager. */
    static ChainOutcome ofHttp(Listener listener) {
        return new ChainOutcome(
                ListenerChoices.of(listener),
                new Choice.Refused("listener " + listener.name() + " expects HTTP in the clear, and nothing but that"));
    }

    /** No chain at all: Envoy closes such connections. */
    static ChainOutcome ofNone(Listener listener) {
        return both(new Choice.Refused("no filter chain of listener " + listener.name() + " takes it"));
    }

    /** Another chain: its clusters decide. */
    static ChainOutcome of(Listener listener, TcpChain chain, MeshSnapshot snapshot, Rules rules) {
        if (chain.clusters().isEmpty()) {
            String reason = listener.http() == null && listener.unusable() != null
                    ? listener.unusable()
                    : "it has a filter chain of its own for this destination, which is not supported";
            return both(new Choice.Refused("listener " + listener.name() + " cannot be used: " + reason));
        }
        boolean straight = true;
        boolean nowhere = true;
        boolean known = chain.clusters().stream().anyMatch(ClusterHost::isOfService);
        String problem = null;
        for (String cluster : chain.clusters()) {
            ClusterState state = snapshot.clusters().get(cluster);
            straight &= goesStraight(state);
            known |= unusable(state) != null;
            String absence = absence(cluster, state);
            nowhere &= absence != null;
            problem = problem == null ? absence : problem;
        }
        String way = "listener " + listener.name() + " leads to " + String.join(", ", chain.clusters());
        if (straight) {
            return straight(way);
        }
        if (nowhere && problem != null) {
            if (known) {
                // The mesh's still, while its cluster is not there: an application lets go what no service has.
                return both(new Choice.Refused(way
                        + (chain.clusters().stream().anyMatch(ClusterHost::isOfService)
                                ? ", which is a service's and cannot be used: "
                                : ", which cannot be used: ")
                        + problem));
            }
            return both(
                    rules.passthrough()
                            ? SidecarListeners.STRAIGHT
                            : Choice.Refused.unknown(registryOnly(way, problem)));
        }
        return ofService(way, rules.anyHost() || isForItsHostsOnly(chain.match()));
    }

    private static ChainOutcome straight(String way) {
        String rule = way
                + ", which is for whatever address was asked for (outboundTrafficPolicy ALLOW_ANY, or a ServiceEntry"
                + " with resolution NONE)";
        return new ChainOutcome(
                new Choice.Passthrough(rule),
                new Choice.Passthrough(rule + "; TLS of the application's own is not meshed"));
    }

    private static ChainOutcome ofService(String way, boolean anyHost) {
        return new ChainOutcome(
                new Choice.Refused("for the control plane this port is TCP (" + way
                        + "), and TCP is not meshed here; name the service's port http-... or grpc-..., or set"
                        + " its appProtocol"),
                anyHost
                        ? new Choice.Passthrough(
                                way + ", but TLS of the application's own is not meshed: straight to its address")
                        : Choice.Refused.unknown(registryOnly(way, "that is another host's")));
    }

    /** Elsewhere the port alone has chosen the service, and the host that was asked for may be none of the mesh. */
    private static boolean isForItsHostsOnly(FilterChainMatch match) {
        return !match.serverNames().isEmpty() || !match.prefixRanges().isEmpty();
    }

    private static String registryOnly(String way, String problem) {
        return "no service of the mesh has this destination, and outboundTrafficPolicy REGISTRY_ONLY forbids others ("
                + way + ": " + problem
                + "); add a ServiceEntry for it, or set ALLOW_ANY in the mesh or in the workload's Sidecar";
    }

    private static ChainOutcome both(Choice choice) {
        return new ChainOutcome(choice, choice);
    }

    /** A headless service is a cluster of original destinations too, with the mesh's TLS if its pods have that: nothing goes there in the clear. */
    static boolean goesStraight(@Nullable ClusterState state) {
        return state instanceof ClusterState.Ready ready
                && ready.cluster().unusable() == null
                && ready.cluster().discovery() instanceof Discovery.OriginalDestination own
                && own.port() == 0
                && ready.cluster().transport() instanceof TransportSocket.Plaintext
                && ready.cluster().transportMatches().isEmpty();
    }

    /** Why a cluster leads nowhere, or null if it is a service's, with endpoints or for now without. */
    private static @Nullable String absence(String name, @Nullable ClusterState state) {
        String unusable = unusable(state);
        if (unusable != null) {
            return unusable;
        }
        if (state instanceof ClusterState.Ready ready) {
            boolean blackHole = ready.cluster().discovery() instanceof Discovery.Static
                    && ready.assignment().localities().stream()
                            .allMatch(locality -> locality.endpoints().isEmpty());
            return blackHole ? "it has no endpoints, and never will" : null;
        }
        return "there is no cluster of the name " + name;
    }

    /** Why a cluster that was sent cannot be used, or null. */
    private static @Nullable String unusable(@Nullable ClusterState state) {
        return state instanceof ClusterState.Ready ready
                ? ready.cluster().unusable()
                : state instanceof ClusterState.Failed failed ? failed.reason() : null;
    }
}
