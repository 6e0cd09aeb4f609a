package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.Endpoint.Health;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssignmentDecoderTest {
    private static String endpoint(String address, int port, String more) {
        return "{endpoint: {address: {socket_address: {address: \"" + address + "\", port_value: " + port + "}}}" + more
                + "}";
    }

    private static List<Endpoint> endpoints(String... endpoints) {
        return Yaml.accepted(Yaml.endpoints("endpoints: [{lb_endpoints: [" + String.join(",", endpoints) + "]}]"))
                .localities()
                .get(0)
                .endpoints();
    }

    @Test
    void decode_nothingSet_hasEnvoysDefaults() {
        assertThat(Yaml.accepted(Yaml.endpoints("{}"))).isEqualTo(Assignment.empty("e"));
        assertThat(endpoints(endpoint("10.0.0.1", 80, "")))
                .containsExactly(new Endpoint("10.0.0.1", 80, 1, Health.HEALTHY, null, Map.of()));
    }

    @Test
    void decode_localityAndPolicy_areKept() {
        Assignment assignment = Yaml.accepted(Yaml.endpoints("""
                endpoints:
                - locality: {region: r, zone: z, sub_zone: s}
                  priority: 3
                  load_balancing_weight: 7
                  metadata: {filter_metadata: {envoy.transport_socket_match: {tlsMode: istio}}}
                policy: {overprovisioning_factor: 200, weighted_priority_health: true}
                """));

        assertThat(assignment.localities().get(0).locality()).isEqualTo(new Locality("r", "z", "s"));
        assertThat(assignment.localities().get(0).metadata())
                .isEqualTo(Map.of("envoy.transport_socket_match", Map.of("tlsMode", "istio")));
        assertThat(assignment.localities().get(0).priority()).isEqualTo(3);
        assertThat(assignment.localities().get(0).weight()).isEqualTo(7);
        assertThat(assignment.overprovisioning()).isEqualTo(200);
        assertThat(assignment.weightedPriorityHealth()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "UNKNOWN, HEALTHY",
        "HEALTHY, HEALTHY",
        "DEGRADED, DEGRADED",
        "UNHEALTHY, UNHEALTHY",
        "TIMEOUT, UNHEALTHY",
        "DRAINING, DRAINING"
    })
    void decode_healthStatus_isAsEnvoysBalancersSeeIt(String status, Health expected) {
        assertThat(endpoints(endpoint("::1", 80, ", health_status: " + status))
                        .get(0)
                        .health())
                .isEqualTo(expected);
    }

    @Test
    void decode_sameAddressTwice_firstOneIsKeptAsInEnvoy() {
        assertThat(endpoints(
                        endpoint("10.0.0.1", 80, ", load_balancing_weight: 5"),
                        endpoint("10.0.0.2", 80, ""),
                        endpoint("10.0.0.1", 80, ", load_balancing_weight: 9")))
                .extracting(Endpoint::weight)
                .containsExactly(5, 1);
    }

    @Test
    void decode_addressesThatNobodyCanReachFromHere_areLeftOutAndShown() {
        Decoded.Accepted<Assignment> decoded = (Decoded.Accepted<Assignment>) Yaml.endpoints("""
                endpoints:
                - lb_endpoints:
                  - endpoint: {address: {pipe: {path: /run/x}}}
                  - endpoint: {address: {envoy_internal_address: {server_listener_name: x}}}
                """);

        assertThat(decoded.value().size()).isZero();
        assertThat(decoded.unsupported()).hasSize(2).allMatch(path -> path.contains("the endpoint is left out"));
    }

    @Test
    void decode_additionalAddresses_areKeptInTheirOrder() {
        Decoded.Accepted<Assignment> decoded = (Decoded.Accepted<Assignment>) Yaml.endpoints("""
                endpoints:
                - lb_endpoints:
                  - endpoint:
                      address: {socket_address: {address: 10.0.0.1, port_value: 80}}
                      additional_addresses:
                      - {address: {socket_address: {address: "fd00::1", port_value: 80}}}
                      - {address: {pipe: {path: /run/x}}}
                      - {address: {socket_address: {address: 10.0.0.1, port_value: 81}}}
                      - {address: {socket_address: {address: 10.0.0.2, port_value: 0}}}
                """);

        assertThat(decoded.value().localities().get(0).endpoints())
                .containsExactly(new Endpoint(
                        "10.0.0.1",
                        80,
                        1,
                        Health.HEALTHY,
                        null,
                        Map.of(),
                        List.of(new AdditionalAddress("fd00::1", 80), new AdditionalAddress("10.0.0.1", 81))));
        assertThat(decoded.unsupported())
                .hasSize(2)
                .allMatch(path -> path.contains("additional_addresses[") && path.contains("the address is left out"));
    }

    @Test
    void decode_additionalAddressesInAClusterOfDns_haveNoEffectAsInEnvoy() {
        Decoded.Accepted<DecodedCluster> decoded = (Decoded.Accepted<DecodedCluster>) Yaml.cluster("""
                type: STRICT_DNS
                load_assignment:
                  cluster_name: c
                  endpoints:
                  - lb_endpoints:
                    - endpoint:
                        address: {socket_address: {address: a.example, port_value: 80}}
                        additional_addresses: [{address: {socket_address: {address: "fd00::1", port_value: 80}}}]
                """);

        assertThat(Objects.requireNonNull(decoded.value().endpoints())
                        .localities()
                        .get(0)
                        .endpoints()
                        .get(0)
                        .additional())
                .isEmpty();
        assertThat(decoded.unsupported())
                .singleElement()
                .asString()
                .contains("additional_addresses (in a cluster that DNS resolves)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            lb_endpoints: [{endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 80}}, additional_addresses: [{}]}}] | lb_endpoints[0].endpoint.additional_addresses[0].address: is required
            lb_endpoints: [{endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 80}}, additional_addresses: [{address: {socket_address: {address: web, port_value: 80}}}]}}] | lb_endpoints[0].endpoint.additional_addresses[0].address.socket_address.address: "web" is not an IP address; host names need a cluster of type STRICT_DNS or LOGICAL_DNS
            lb_endpoints: [{endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 0}}}}]     | lb_endpoints[0].endpoint.address.socket_address.port_value: 0 is not a port that can be connected to
            lb_endpoints: [{endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 65536}}}}] | lb_endpoints[0].endpoint.address.socket_address.port_value: must be at most 65535, is 65536
            lb_endpoints: [{endpoint: {address: {socket_address: {address: 10.0.0.1}}}}]                    | lb_endpoints[0].endpoint.address.socket_address: one of port_value, named_port must be set
            lb_endpoints: [{endpoint: {address: {socket_address: {address: web, port_value: 80}}}}]         | lb_endpoints[0].endpoint.address.socket_address.address: "web" is not an IP address; host names need a cluster of type STRICT_DNS or LOGICAL_DNS
            lb_endpoints: [{endpoint: {}}]                                                                  | lb_endpoints[0].endpoint.address: is required
            lb_endpoints: [{load_balancing_weight: 0}]                                                      | lb_endpoints[0].load_balancing_weight: must be at least 1, is 0
            priority: 129                                                                                   | priority: must be at most 128, is 129
            """)
    void decode_whatEnvoyRefuses_isRejectedByField(String locality, String expected) {
        assertThat(Yaml.reason(Yaml.endpoints("endpoints: [{" + locality + "}]")))
                .isEqualTo("ClusterLoadAssignment \"e\": endpoints[0]." + expected);
    }

    @Test
    void decode_weightsBeyond32Bits_areRejectedAsInEnvoy() {
        String heavy = ", load_balancing_weight: 4294967295";
        assertThat(Yaml.reason(Yaml.endpoints("endpoints: [{lb_endpoints: [" + endpoint("10.0.0.1", 1, heavy) + ","
                        + endpoint("10.0.0.2", 1, heavy) + "]}]")))
                .contains("endpoints[0]: the sum of the weights of its hosts exceeds 4294967295");
        assertThat(Yaml.reason(Yaml.endpoints("endpoints: [{load_balancing_weight: 4294967295, locality: {zone: a}},"
                        + " {load_balancing_weight: 1, locality: {zone: b}}]")))
                .contains("endpoints: the sum of the weights of the localities of priority 0 exceeds 4294967295");
    }
}
