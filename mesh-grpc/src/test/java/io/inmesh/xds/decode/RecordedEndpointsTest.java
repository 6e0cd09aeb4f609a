package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.EnvoyInternalAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Endpoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Auto mTLS: which endpoints of recorded clusters are spoken to under TLS. */
class RecordedEndpointsTest {
    private static final String BASIC = "istio-1.31-dev/basic/web/";
    private static final String REVIEWS = "outbound|9080||reviews.default.svc.cluster.local";
    private static final String API_SERVER = "outbound|443||kubernetes.default.svc.cluster.local";
    private static final String MATCH = "envoy.transport_socket_match";

    private static Cluster cluster(String name) throws Exception {
        return Cluster.parseFrom(
                Recordings.of(BASIC + "Cluster/" + name + ".pb").body().getValue());
    }

    private static ClusterLoadAssignment endpoints(String name) throws Exception {
        return ClusterLoadAssignment.parseFrom(Recordings.of(BASIC + "ClusterLoadAssignment/" + name + ".pb")
                .body()
                .getValue());
    }

    /** The transport of each endpoint, as {@code address kind}. */
    private static List<String> transports(Cluster cluster, ClusterLoadAssignment endpoints) {
        var decoded = Yaml.accepted(ResourceDecoder.cluster(cluster.getName(), Any.pack(cluster)))
                .cluster();
        Assignment assignment =
                Yaml.accepted(ResourceDecoder.endpoints(endpoints.getClusterName(), Any.pack(endpoints)));
        List<String> transports = new ArrayList<>();
        for (LocalityEndpoints locality : assignment.localities()) {
            for (Endpoint endpoint : locality.endpoints()) {
                transports.add(endpoint.address() + " "
                        + decoded.transportFor(endpoint, locality).getClass().getSimpleName());
            }
        }
        return transports;
    }

    private static ClusterLoadAssignment.Builder with(ClusterLoadAssignment endpoints, int first, String... facts) {
        Struct.Builder struct = Struct.newBuilder();
        for (int i = 0; i < facts.length; i += 2) {
            struct.putFields(
                    facts[i], Value.newBuilder().setStringValue(facts[i + 1]).build());
        }
        ClusterLoadAssignment.Builder changed = endpoints.toBuilder();
        LbEndpoint.Builder endpoint = changed.getEndpointsBuilder(first).getLbEndpointsBuilder(0);
        endpoint.getMetadataBuilder().putFilterMetadata(MATCH, struct.build());
        return changed;
    }

    @Test
    void transport_ofEndpointsInTheMesh_isTls() throws Exception {
        assertThat(transports(cluster(REVIEWS), endpoints(REVIEWS)))
                .containsExactly("127.0.0.2 Tls", "127.0.0.4 Tls", "127.0.0.3 Tls");
    }

    /** The API server has no sidecar, and its endpoints say nothing. */
    @Test
    void transport_ofEndpointsThatSayNothing_isInTheClear() throws Exception {
        ClusterLoadAssignment said = endpoints(REVIEWS);
        ClusterLoadAssignment.Builder silent = said.toBuilder().setClusterName(API_SERVER);
        silent.getEndpointsBuilderList()
                .forEach(locality -> locality.getLbEndpointsBuilderList().forEach(LbEndpoint.Builder::clearMetadata));

        assertThat(transports(cluster(API_SERVER), silent.build()))
                .containsExactly("127.0.0.2 Plaintext", "127.0.0.4 Plaintext", "127.0.0.3 Plaintext");
    }

    /** One cluster, endpoint by endpoint: with {@code tlsMode: istio}, with {@code disabled}, with nothing said. */
    @Test
    void transport_inOneCluster_isEachEndpointsOwn() throws Exception {
        ClusterLoadAssignment mixed =
                with(endpoints(REVIEWS), 0, "tlsMode", "disabled").build();
        mixed = with(mixed, 1).build();

        assertThat(transports(cluster(REVIEWS), mixed))
                .containsExactly("127.0.0.2 Plaintext", "127.0.0.4 Tls", "127.0.0.3 Plaintext");
    }

    /**
     * In an ambient mesh a client gets a third match in front, for endpoints that are reached by a tunnel. Its socket is none that is known here: calls to such an endpoint fail
     * instead of leaving in the clear, and the others are as before.
     */
    @Test
    void transport_ofAnEndpointBehindATunnel_isUnusableAndNeverInTheClear() throws Exception {
        Cluster.Builder ambient = cluster(REVIEWS).toBuilder();
        List<Cluster.TransportSocketMatch> matches = ambient.getTransportSocketMatchesList();
        ambient.clearTransportSocketMatches()
                .addTransportSocketMatches(
                        Cluster.TransportSocketMatch.newBuilder()
                                .setName("hbone")
                                .setMatch(Struct.newBuilder()
                                        .putFields(
                                                "tunnel",
                                                Value.newBuilder()
                                                        .setStringValue("http")
                                                        .build()))
                                .setTransportSocket(
                                        TransportSocket.newBuilder()
                                                .setName("envoy.transport_sockets.internal_upstream")
                                                .setTypedConfig(
                                                        Any.newBuilder()
                                                                .setTypeUrl(
                                                                        "type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport"))))
                .addAllTransportSocketMatches(matches);
        ClusterLoadAssignment tunnelled = with(endpoints(REVIEWS), 0, "tunnel", "http", "tlsMode", "istio")
                .build();

        assertThat(transports(ambient.build(), tunnelled))
                .containsExactly("127.0.0.2 Unusable", "127.0.0.4 Tls", "127.0.0.3 Tls");
        assertThat(Yaml.accepted(ResourceDecoder.cluster(REVIEWS, Any.pack(ambient.build())))
                        .cluster()
                        .transportMatches())
                .extracting(match -> match.name(), match -> match.socket().toString())
                .contains(tuple(
                        "hbone",
                        "Unusable[reason=transport_socket_matches[0].transport_socket: \"envoy.transport_sockets.internal_upstream\""
                                + " is not supported, and nothing is sent in the clear in its place]"));
    }

    /** The other form of the same: an address inside of the proxy, which a process without one cannot connect to. */
    @Test
    void endpoint_atAnAddressInsideOfAProxy_isLeftOutAndShown() throws Exception {
        ClusterLoadAssignment.Builder internal = endpoints(REVIEWS).toBuilder();
        internal.getEndpointsBuilder(0)
                .getLbEndpointsBuilder(0)
                .getEndpointBuilder()
                .getAddressBuilder()
                .setEnvoyInternalAddress(EnvoyInternalAddress.newBuilder()
                        .setServerListenerName("connect_originate")
                        .setEndpointId("127.0.0.2:19080"));

        assertThat(transports(cluster(REVIEWS), internal.build())).containsExactly("127.0.0.4 Tls", "127.0.0.3 Tls");
        assertThat(((Decoded.Accepted<?>) ResourceDecoder.endpoints(REVIEWS, Any.pack(internal.build()))).unsupported())
                .contains(
                        "endpoints[0].lb_endpoints[0].endpoint.address (the endpoint is left out: it has no IP address)");
    }

    /** Istio says by the cluster's metadata that ALPN of the mesh is not for a service outside. */
    @Test
    void metadata_ofAnExternalService_keepsItsAlpn() {
        var external = Yaml.accepted(ResourceDecoder.cluster(
                        "outbound|80||api.example.com",
                        Recordings.of("istio-1.31-dev/rich/web/Cluster/outbound|80||api.example.com.pb")
                                .body()))
                .cluster();

        assertThat(external.metadata().get("istio"))
                .containsEntry("alpn_override", "false")
                .containsEntry("external", true);
    }
}
