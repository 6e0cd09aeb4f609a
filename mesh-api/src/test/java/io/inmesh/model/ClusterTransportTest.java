package io.inmesh.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Endpoint.Health;
import io.inmesh.model.TransportSocket.Match;
import io.inmesh.model.TransportSocket.Unusable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterTransportTest {
    private static final TransportSocket OWN = new Unusable("the cluster's own");
    private static final TransportSocket FIRST = new Unusable("first");
    private static final TransportSocket SECOND = new Unusable("second");
    private static final TransportSocket REST = new Unusable("rest");

    private static Cluster cluster(Match... matches) {
        return Cluster.of("c", new Discovery.Static()).with(OWN, List.of(matches));
    }

    private static TransportSocket choose(
            Cluster cluster, Map<String, Object> endpointFacts, Map<String, Object> localityFacts) {
        Endpoint endpoint = new Endpoint("10.0.0.1", 1, 1, Health.HEALTHY, null, metadata(endpointFacts));
        return cluster.transportFor(
                endpoint, new LocalityEndpoints(Locality.UNKNOWN, 0, 0, List.of(endpoint), metadata(localityFacts)));
    }

    private static Map<String, Map<String, Object>> metadata(Map<String, Object> facts) {
        return facts.isEmpty() ? Map.of("istio", Map.of("a", "1")) : Map.of("envoy.transport_socket_match", facts);
    }

    @Test
    void transportFor_firstMatchWithAllCriteria_wins() {
        Cluster cluster =
                cluster(new Match("1", Map.of("a", "1", "b", 2.0), FIRST), new Match("2", Map.of("a", "1"), SECOND));

        assertThat(choose(cluster, Map.of("a", "1", "b", 2.0, "c", true), Map.of()))
                .isSameAs(FIRST);
        assertThat(choose(cluster, Map.of("a", "1"), Map.of())).isSameAs(SECOND);
        assertThat(choose(cluster, Map.of("a", "2"), Map.of())).isSameAs(OWN);
        assertThat(choose(cluster, Map.of(), Map.of())).isSameAs(OWN);
    }

    @Test
    void transportFor_noCriteria_takesEveryEndpoint() {
        Cluster cluster = cluster(new Match("1", Map.of("a", "1"), FIRST), new Match("rest", Map.of(), REST));

        assertThat(choose(cluster, Map.of(), Map.of())).isSameAs(REST);
        // The endpoint is asked about all matches before the locality is asked about any.
        assertThat(choose(cluster, Map.of(), Map.of("a", "1"))).isSameAs(REST);
    }

    @Test
    void transportFor_endpointWithoutAMatch_takesThatOfItsLocality() {
        Cluster cluster = cluster(new Match("1", Map.of("a", "1"), FIRST), new Match("2", Map.of("a", "2"), SECOND));

        assertThat(choose(cluster, Map.of(), Map.of("a", "2"))).isSameAs(SECOND);
        assertThat(choose(cluster, Map.of("a", "1"), Map.of("a", "2"))).isSameAs(FIRST);
        assertThat(choose(cluster, Map.of("a", "3"), Map.of("a", "3"))).isSameAs(OWN);
    }
}
