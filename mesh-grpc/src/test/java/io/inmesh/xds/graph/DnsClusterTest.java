package io.inmesh.xds.graph;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DnsLookupFamily;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.graph.HostResolver.Resolution;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("deprecation") // the fields of the cluster itself, which control planes send
class DnsClusterTest {
    private final GraphHarness mesh = GraphHarness.started(GraphHarness.WILDCARDS);

    private static Cluster cluster(DiscoveryType type, String... hosts) {
        LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder();
        for (String host : hosts) {
            locality.addLbEndpoints(LbEndpoint.newBuilder()
                    .setEndpoint(Endpoint.newBuilder()
                            .setAddress(Address.newBuilder()
                                    .setSocketAddress(SocketAddress.newBuilder()
                                            .setAddress(host)
                                            .setPortValue(80)))));
        }
        return Cluster.newBuilder()
                .setName("dns")
                .setType(type)
                .setDnsLookupFamily(DnsLookupFamily.ALL)
                .setLoadAssignment(
                        ClusterLoadAssignment.newBuilder().setClusterName("dns").addEndpoints(locality))
                .build();
    }

    private void receive(Cluster cluster) {
        mesh.receive(LISTENER);
        mesh.receive(CLUSTER, cluster);
        mesh.loop.run();
    }

    @Test
    void strictDns_allAddresses_areEndpoints() {
        mesh.dns.put("a.example", List.of("10.0.0.1", "10.0.0.2"));

        receive(cluster(DiscoveryType.STRICT_DNS, "a.example", "10.9.9.9"));

        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.1:80", "10.0.0.2:80", "10.9.9.9:80");
    }

    @Test
    void logicalDns_firstAddress_isTheEndpoint() {
        mesh.dns.put("a.example", List.of("10.0.0.1", "10.0.0.2"));

        receive(cluster(DiscoveryType.LOGICAL_DNS, "a.example"));

        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.1:80");
        var endpoint = ((ClusterState.Ready)
                        mesh.last().clusters().values().iterator().next())
                .assignment()
                .localities()
                .get(0)
                .endpoints()
                .get(0);
        assertThat(endpoint.hostname()).isEqualTo("a.example");
        assertThat(endpoint.additional()).as("tried next").containsExactly(new AdditionalAddress("10.0.0.2", 80));
    }

    @Test
    void publish_firstAnswerAwaited_waits() {
        mesh.dns.put("a.example", List.of("10.0.0.1"));
        mesh.receive(LISTENER);
        mesh.receive(CLUSTER, cluster(DiscoveryType.STRICT_DNS, "a.example"));
        assertThat(mesh.published).isEmpty();

        mesh.loop.run();

        assertThat(mesh.published).hasSize(1);
    }

    @Test
    void refresh_otherAddresses_areTakenAndTheSameOnesChangeNothing() {
        mesh.dns.put("a.example", List.of("10.0.0.1"));
        receive(cluster(DiscoveryType.STRICT_DNS, "a.example"));
        MeshSnapshot first = mesh.last();

        mesh.loop.advance(Duration.ofSeconds(5));
        assertThat(mesh.dnsQuestions).isEqualTo(2);
        assertThat(mesh.last()).isSameAs(first);

        mesh.dns.put("a.example", List.of("10.0.0.7"));
        mesh.loop.advance(Duration.ofSeconds(5));
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.7:80");
    }

    @Test
    void failure_lastGoodAddresses_stay() {
        mesh.dns.put("a.example", List.of("10.0.0.1"));
        receive(cluster(DiscoveryType.STRICT_DNS, "a.example"));

        mesh.dns.remove("a.example");
        mesh.loop.advance(Duration.ofMinutes(1));

        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.1:80");
    }

    @Test
    void failure_firstAnswer_leavesTheClusterReadyWithoutEndpoints() {
        receive(cluster(DiscoveryType.STRICT_DNS, "nobody.example"));

        assertThat(mesh.endpoints("dns")).isEmpty();
    }

    @Test
    void hanging_firstAnswer_holdsTheClusterUpForFiveSecondsAndCountsWhenItComes() {
        CompletableFuture<Resolution> late = new CompletableFuture<>();
        mesh.hanging.put("slow.example", late);
        mesh.dns.put("quick.example", List.of("10.0.0.2"));
        mesh.receive(LISTENER);
        mesh.receive(CLUSTER, cluster(DiscoveryType.STRICT_DNS, "slow.example", "quick.example"));
        mesh.loop.advance(Duration.ofMillis(4999));
        assertThat(mesh.published).isEmpty();

        mesh.loop.advance(Duration.ofMillis(1));
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.2:80");

        late.complete(GraphHarness.resolution(List.of("10.0.0.1")));
        mesh.loop.run();
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.1:80", "10.0.0.2:80");
    }

    @Test
    void hanging_laterAnswer_leavesTheAddressesUntilItComes() {
        mesh.dns.put("a.example", List.of("10.0.0.1"));
        receive(cluster(DiscoveryType.STRICT_DNS, "a.example"));
        CompletableFuture<Resolution> late = new CompletableFuture<>();
        mesh.hanging.put("a.example", late);

        mesh.loop.advance(Duration.ofHours(1));
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.1:80");
        assertThat(mesh.dnsQuestions)
                .as("who has not answered is not asked again")
                .isEqualTo(2);

        late.complete(GraphHarness.resolution(List.of("10.0.0.2")));
        mesh.loop.run();
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.2:80");
    }

    @Test
    void failure_repeated_isAskedAgainAtTheFailureRate() {
        receive(cluster(DiscoveryType.STRICT_DNS, "nobody.example").toBuilder()
                .setDnsRefreshRate(Durations.fromSeconds(1000))
                .setDnsFailureRefreshRate(Cluster.RefreshRate.newBuilder()
                        .setBaseInterval(Durations.fromSeconds(1))
                        .setMaxInterval(Durations.fromSeconds(4)))
                .build());

        // After 1, 2, 4, 4 … seconds.
        mesh.loop.advance(Duration.ofSeconds(11));

        assertThat(mesh.dnsQuestions).isEqualTo(5);
    }

    @Test
    void change_thatHasNothingToDoWithDns_asksNobodyAgain() {
        mesh.dns.put("a.example", List.of("10.0.0.1"));
        Cluster cluster = cluster(DiscoveryType.STRICT_DNS, "a.example");
        receive(cluster);

        receive(cluster.toBuilder().setConnectTimeout(Durations.fromSeconds(1)).build());

        assertThat(mesh.dnsQuestions).isEqualTo(1);
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.1:80");
    }

    @Test
    void change_toOtherHosts_oldOnesServeUntilTheNewOnesAreKnown() {
        mesh.dns.put("a.example", List.of("10.0.0.1"));
        mesh.dns.put("b.example", List.of("10.0.0.2"));
        receive(cluster(DiscoveryType.STRICT_DNS, "a.example"));

        mesh.receive(CLUSTER, cluster(DiscoveryType.STRICT_DNS, "b.example"));
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.1:80");

        mesh.loop.run();
        assertThat(mesh.endpoints("dns")).containsExactly("10.0.0.2:80");
    }

    @Test
    void removed_cluster_isNotAskedForAnyMore() {
        mesh.dns.put("a.example", List.of("10.0.0.1"));
        receive(cluster(DiscoveryType.STRICT_DNS, "a.example"));

        mesh.remove(CLUSTER, "dns");
        mesh.loop.advance(Duration.ofMinutes(1));

        assertThat(mesh.dnsQuestions).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO, ::1",
        "V4_ONLY, 10.0.0.1",
        "V6_ONLY, ::1",
        "V4_PREFERRED, 10.0.0.1",
        "ALL, ::1 10.0.0.1",
    })
    void lookupFamily_bothKnown_choosesAsEnvoyDoes(DnsLookupFamily family, String expected) {
        mesh.dns.put("a.example", List.of("10.0.0.1", "::1"));

        receive(cluster(DiscoveryType.STRICT_DNS, "a.example").toBuilder()
                .setDnsLookupFamily(family)
                .build());

        assertThat(mesh.endpoints("dns"))
                .containsExactlyElementsOf(List.of(expected.split(" ")).stream()
                        .map(address -> address + ":80")
                        .toList());
    }
}
