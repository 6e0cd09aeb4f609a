package io.inmesh.samples.istio;

import io.inmesh.Mesh;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Endpoint;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.List;
import java.util.Map;

/** What istiod has told a workload of the endpoints of a service's port 9080. */
final class Endpoints {
    private Endpoints() {}

    /**
     * Where an endpoint is.
     *
     * @param workload Istio's words for who it is: {@code NAME;NAMESPACE;CANONICAL NAME;REVISION;CLUSTER}
     */
    record Place(String region, String zone, String workload) {}

    /** Each as {@code ADDRESS:PORT weight WEIGHT priority PRIORITY}. */
    static List<String> of(Mesh mesh, String host) {
        return localities(mesh, host).stream()
                .flatMap(locality -> locality.endpoints().stream()
                        .map(each -> each.address() + ":" + each.port() + " weight " + each.weight() + " priority "
                                + locality.priority()))
                .toList();
    }

    static Place place(Mesh mesh, String host, String address) {
        for (LocalityEndpoints locality : localities(mesh, host)) {
            for (Endpoint each : locality.endpoints()) {
                if (each.address().equals(address)) {
                    return new Place(
                            locality.locality().region(),
                            locality.locality().zone(),
                            String.valueOf(each.metadata()
                                    .getOrDefault("istio", Map.of())
                                    .get("workload")));
                }
            }
        }
        throw new AssertionError(host + " has no endpoint " + address);
    }

    private static List<LocalityEndpoints> localities(Mesh mesh, String host) {
        ClusterState state = mesh.snapshot().clusters().get("outbound|9080||" + host);
        if (state instanceof ClusterState.Ready ready) {
            return ready.assignment().localities();
        }
        throw new AssertionError(host + " is " + state);
    }
}
