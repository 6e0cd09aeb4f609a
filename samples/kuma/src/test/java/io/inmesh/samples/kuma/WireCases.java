package io.inmesh.samples.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.inmesh.samples.kuma.AdsClient.Delta;
import io.inmesh.samples.kuma.AdsClient.Sotw;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What kuma-cp's data plane server does on the wire, word by word: the recorded one is held to it always, the real one where there is one, so that the first says what
 * the second does. The proxy is that of web, whose mesh has settled.
 */
abstract class WireCases {
    private static final Duration SILENCE = Duration.ofMillis(2500);

    private AdsClient client;

    abstract String address();

    abstract String pin() throws Exception;

    /** How long a refusal holds up what comes next. */
    abstract Duration refusal();

    /** Whether it has state of the world, too; Kuma 3 takes such streams and has nothing to say on them. */
    abstract boolean servesStateOfTheWorld();

    /** A new proxy, for which no stream has been opened yet. */
    abstract Node newNode() throws Exception;

    /** One whose Dataplane is not there. */
    abstract String unknownNodeId();

    @BeforeEach
    void connect() throws Exception {
        client = new AdsClient(address(), pin());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    private Sotw sotw() {
        assumeTrue(servesStateOfTheWorld(), "Kuma 3 serves incremental streams only: sotw_ofKuma3_isMetWithSilence");
        return client.sotw();
    }

    private static DiscoveryResponse all(Sotw stream, Node node, String type) throws InterruptedException {
        stream.ask(node, type);
        return stream.answers().next();
    }

    private static List<String> clusters(DiscoveryResponse response) throws Exception {
        List<String> names = new ArrayList<>();
        for (Any each : response.getResourcesList()) {
            names.add(each.unpack(Cluster.class).getName());
        }
        return names;
    }

    @Test
    void sotw_noNames_bringsEverything_ofEachType() throws Exception {
        Node node = newNode();
        try (Sotw stream = sotw()) {
            for (String type : List.of(AdsClient.CLUSTER, AdsClient.ENDPOINTS, AdsClient.LISTENER, AdsClient.SECRET)) {
                DiscoveryResponse response = all(stream, node, type);
                assertThat(response.getTypeUrl()).isEqualTo(type);
                assertThat(response.getResourcesCount()).as(type).isGreaterThan(1);
                stream.acknowledge(response);
            }
        }
    }

    @Test
    void sotw_star_isMetWithSilence_andTheNextRequestIsAnswered() throws Exception {
        Node node = newNode();
        try (Sotw stream = sotw()) {
            stream.ask(node, AdsClient.CLUSTER, "*");
            assertThat(stream.answers().within(SILENCE)).isNull();
            assertThat(all(stream, node, AdsClient.CLUSTER).getResourcesCount()).isPositive();
        }
    }

    @Test
    void sotw_someOfTheNames_isMetWithSilence_allOfThemAreAnswered() throws Exception {
        List<String> names;
        try (Sotw stream = sotw()) {
            names = clusters(all(stream, newNode(), AdsClient.CLUSTER));
        }
        try (Sotw stream = sotw()) {
            stream.ask(newNode(), AdsClient.CLUSTER, names.get(0));
            assertThat(stream.answers().within(SILENCE)).isNull();
        }
        try (Sotw stream = sotw()) {
            stream.ask(newNode(), AdsClient.CLUSTER, names.toArray(String[]::new));
            assertThat(clusters(stream.answers().next())).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void sotw_typeWithoutResources_isNeverAnswered() throws Exception {
        try (Sotw stream = sotw()) {
            stream.ask(newNode(), AdsClient.PREFIX + "envoy.config.route.v3.RouteConfiguration");
            assertThat(stream.answers().within(SILENCE)).isNull();
        }
    }

    @Test
    void sotw_refusalWithTheOldVersion_isSentAgain_afterAPause() throws Exception {
        try (Sotw stream = sotw()) {
            DiscoveryResponse first = all(stream, newNode(), AdsClient.CLUSTER);
            long refused = System.nanoTime();
            stream.answer(first, "", "no");
            DiscoveryResponse again = stream.answers().next();
            assertThat(again.getVersionInfo()).isEqualTo(first.getVersionInfo());
            assertThat(Duration.ofNanos(System.nanoTime() - refused)).isGreaterThanOrEqualTo(refusal());
            stream.answer(again, "", "no");
            assertThat(stream.answers().next().getVersionInfo()).as("for ever").isEqualTo(first.getVersionInfo());
        }
    }

    @Test
    void sotw_refusalWithTheRefusedVersion_isNotSentAgain() throws Exception {
        try (Sotw stream = sotw()) {
            DiscoveryResponse first = all(stream, newNode(), AdsClient.CLUSTER);
            stream.answer(first, first.getVersionInfo(), "no");
            DiscoveryResponse next = stream.answers().within(refusal().plus(SILENCE));
            assertThat(next == null ? "nothing" : next.getVersionInfo())
                    .as("only what is new comes, and it comes late")
                    .isNotEqualTo(first.getVersionInfo());
        }
    }

    @Test
    void sotw_staleNonce_isDroppedWithoutAWord() throws Exception {
        try (Sotw stream = sotw()) {
            DiscoveryResponse first = all(stream, newNode(), AdsClient.CLUSTER);
            stream.answer(first.toBuilder().setNonce("older").build(), "", null);
            assertThat(stream.answers().within(SILENCE)).isNull();
        }
    }

    @Test
    void sotw_ofKuma3_isMetWithSilence() throws Exception {
        assumeFalse(servesStateOfTheWorld(), "Kuma 2 serves it");
        try (Sotw stream = client.sotw()) {
            stream.ask(newNode(), AdsClient.CLUSTER);
            assertThat(stream.answers().within(SILENCE)).isNull();
        }
    }

    @Test
    void delta_eachType_bringsEverything() throws Exception {
        Node node = newNode();
        try (Delta stream = client.delta()) {
            for (String type : List.of(AdsClient.CLUSTER, AdsClient.ENDPOINTS, AdsClient.LISTENER, AdsClient.SECRET)) {
                stream.ask(node, type, "*");
                DeltaDiscoveryResponse response = stream.answers().next();
                assertThat(response.getTypeUrl()).isEqualTo(type);
                assertThat(response.getResourcesCount()).as(type).isPositive();
                stream.acknowledge(response);
            }
        }
    }

    @Test
    void delta_star_bringsEverything_nameThatIsNotThere_nothing() throws Exception {
        try (Delta stream = client.delta()) {
            Node node = newNode();
            stream.ask(node, AdsClient.CLUSTER, "*");
            DeltaDiscoveryResponse clusters = stream.answers().next();
            assertThat(clusters.getResourcesCount()).isGreaterThan(1);
            stream.acknowledge(clusters);
            stream.ask(node, AdsClient.ENDPOINTS, "nobody");
            DeltaDiscoveryResponse next = stream.answers().within(SILENCE);
            assertThat(next == null ? "nothing" : next.getTypeUrl())
                    .as("a mesh that settles may have news of clusters")
                    .isNotEqualTo(AdsClient.ENDPOINTS);
        }
    }

    @Test
    void delta_oneName_isAnsweredAlone() throws Exception {
        try (Delta stream = client.delta()) {
            stream.ask(newNode(), AdsClient.CLUSTER, "*");
            String name = stream.answers().next().getResources(0).getName();
            try (Delta other = client.delta()) {
                other.ask(newNode(), AdsClient.CLUSTER, name);
                assertThat(other.answers().next().getResourcesList())
                        .singleElement()
                        .satisfies(each -> assertThat(each.getName()).isEqualTo(name));
            }
        }
    }

    @Test
    void secondStreamOfANode_isRefused_inWordsThatTheClientKnows() throws Exception {
        Node node = newNode();
        try (Delta stream = client.delta()) {
            stream.ask(node, AdsClient.CLUSTER, "*");
            stream.answers().next();
            try (Delta second = client.delta()) {
                second.ask(node, AdsClient.CLUSTER, "*");
                Status end = second.answers().end();
                assertThat(end.getCode()).isEqualTo(Status.Code.UNKNOWN);
                assertThat(end.getDescription()).contains("there is already an active stream from this node");
            }
        }
    }

    @Test
    void versionWithoutKumaDp_endsTheStream() throws Exception {
        Delta stream = client.delta();
        stream.ask(AdsClient.nodeWithoutKumaDp(newNode().getId()), AdsClient.CLUSTER, "*");
        assertThat(stream.answers().end().getCode()).isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void missingDataplane_endsTheStream_inWordsThatSayIt() throws Exception {
        try (Delta stream = client.delta()) {
            stream.ask(AdsClient.node(unknownNodeId()), AdsClient.CLUSTER, "*");
            Status end = stream.answers().end();
            assertThat(end.getCode()).isEqualTo(Status.Code.UNKNOWN);
            assertThat(end.getDescription()).contains("not found; create a Dataplane in Kuma CP first");
        }
    }
}
