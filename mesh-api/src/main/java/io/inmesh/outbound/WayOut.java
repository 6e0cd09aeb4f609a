package io.inmesh.outbound;

import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.TransportSocket;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import org.jspecify.annotations.Nullable;

/**
 * A request that leaves the mesh in the clear by a host's name, through the mesh's route for whatever has none, such as Istio's {@code allow_any}: it must not
 * come to where a sidecar's connection would have been the mesh's after all.
 *
 * @param mesh        what there is
 * @param destination as the application named it
 */
record WayOut(CompiledMesh mesh, Destination destination) {

    /** Null if it stays in the mesh: another kind of cluster, TLS of the mesh's, or a listener that is this host's own. */
    static @Nullable WayOut of(CompiledMesh mesh, Destination destination, RouteChoice choice) {
        UpstreamCluster cluster = choice.cluster();
        if (cluster == null || !choice.forwards() || !choice.listener().isForAllAddresses()) {
            return null;
        }
        return cluster.configuration().discovery() instanceof Discovery.OriginalDestination
                        && cluster.configuration().transport() instanceof TransportSocket.Plaintext
                ? new WayOut(mesh, destination)
                : null;
    }

    /** Why the request must not go to an address to which the name has led, or null. */
    @Nullable
    String objection(IpAddress address) {
        Choice there = mesh.at(destination, address);
        return there == null ? null : describe(destination, address, there);
    }

    static String describe(Destination destination, IpAddress address, Choice there) {
        return destination.host() + " leads to " + address.unmapped() + ", which is in the mesh"
                + (there instanceof Choice.Refused refused
                        ? ": " + refused.reason()
                        : there instanceof Choice.Meshed meshed
                                ? " (listener " + meshed.listener().name()
                                        + "); ask for it by a name that the mesh knows, or by this address"
                                : "");
    }
}
