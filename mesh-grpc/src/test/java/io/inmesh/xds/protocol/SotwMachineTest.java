package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.protocol.ResourceKind.LISTENER;
import static io.inmesh.xds.testing.Resources.apiListener;
import static io.inmesh.xds.testing.Resources.cluster;
import static io.inmesh.xds.testing.Resources.endpoints;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SotwMachineTest {
    private final MachineHarness session = MachineHarness.sotw();

    @Test
    void wildcard_always_emptyListAndNeverAStar() {
        assertThat(session.wildcard(CLUSTER, LISTENER))
                .containsExactly("open 1 at 0 sotw", "1> CLUSTER [] node", "1> LISTENER []");
        assertThat(session.sotw(1, CLUSTER, "1", cluster("a"))).containsExactly("1> CLUSTER [] v=1 n=n1");
    }

    @Test
    void subscribe_more_requestNamesEverythingWithVersionAndNonce() {
        session.subscribe(ENDPOINTS, "a");
        assertThat(session.sotw(1, ENDPOINTS, "1", endpoints("a", 1))).containsExactly("1> ENDPOINTS [a] v=1 n=n1");
        List<String> more = session.subscribe(ENDPOINTS, "b");
        assertThat(more).hasSize(1);
        assertThat(more.get(0)).startsWith("1> ENDPOINTS [").contains("a", "b").endsWith(" v=1 n=n1");
    }

    @Test
    void subscribe_withinAResponse_ackCarriesTheNewNamesAlready() {
        session.subscribe(ENDPOINTS, "a");
        session.onResponse = () -> session.machine.unsubscribe(ENDPOINTS, "a");
        session.machine.subscribe(CLUSTER, "x");
        session.machine.endTurn();
        session.output();
        session.onResponse = () -> session.machine.subscribe(CLUSTER, "y");
        List<String> output = session.sotw(1, CLUSTER, "1", cluster("x"));
        assertThat(output).hasSize(1);
        assertThat(output.get(0)).startsWith("1> CLUSTER [").contains("x", "y");
    }

    @Test
    void unsubscribe_lastName_nothingSentThatCouldMeanEverything() {
        session.subscribe(ENDPOINTS, "a");
        session.sotw(1, ENDPOINTS, "1", endpoints("a", 1));
        session.heard();
        assertThat(session.unsubscribe(ENDPOINTS, "a")).isEmpty();
        assertThat(session.sotw(1, ENDPOINTS, "2", endpoints("a", 2))).containsExactly("1> ENDPOINTS [a] v=2 n=n2");
        assertThat(session.heard()).containsExactly("ENDPOINTS []");
        assertThat(session.status(ENDPOINTS, "a")).isEqualTo("unknown");
        // The name never left the wire, so the server would not send it again: what came meanwhile is handed over.
        assertThat(session.subscribe(ENDPOINTS, "a")).isEmpty();
        assertThat(session.heard()).containsExactly("ENDPOINTS [a@2]");
        assertThat(session.subscribe(ENDPOINTS, "b").get(0)).contains("a", "b");
    }

    @Test
    void unsubscribe_lastName_nextStreamDoesNotAskForTheKind() {
        session.subscribe(ENDPOINTS, "a");
        session.wildcard(CLUSTER);
        session.unsubscribe(ENDPOINTS, "a");
        session.ended(1, false);
        assertThat(session.fire(AdsTimer.RECONNECT)).containsExactly("open 2 at 0 sotw", "2> CLUSTER [] node");
    }

    @Test
    void resource_withoutAReadableName_mayBeAnyThatIsLeftOut_soNoneIsRemoved() {
        session.wildcard(CLUSTER);
        session.sotw(1, CLUSTER, "1", cluster("a"), cluster("b"));
        session.heard();
        Any broken = Any.newBuilder()
                .setTypeUrl(CLUSTER.typeUrl())
                .setValue(ByteString.copyFrom(new byte[] {(byte) 0xff}))
                .build();
        List<String> output = session.sotw(1, CLUSTER, "2", cluster("a"), broken);
        assertThat(output).hasSize(1);
        assertThat(output.get(0)).startsWith("1> CLUSTER [] v=1 n=n2 NACK 1 of 2 resources refused: #1: ");
        assertThat(session.heard()).noneMatch(heard -> heard.contains("-b"));
        assertThat(session.status(CLUSTER, "b")).startsWith("ACKED");
    }

    @Test
    void nack_keepsTheLastAcceptedVersion_andTellsResourceAndField() {
        session.wildcard(CLUSTER);
        session.sotw(1, CLUSTER, "1", cluster("a"));
        session.reject.put("b", "lb_policy: 99 is unknown");
        assertThat(session.sotw(1, CLUSTER, "2", cluster("a"), cluster("b")))
                .containsExactly("1> CLUSTER [] v=1 n=n2 NACK 1 of 2 resources refused: b: lb_policy: 99 is unknown");
        session.reject.clear();
        Cluster mended = cluster("b").toBuilder().setAltStatName("b").build();
        assertThat(session.sotw(1, CLUSTER, "3", cluster("a"), mended)).containsExactly("1> CLUSTER [] v=3 n=n3");
        assertThat(session.status(CLUSTER, "b")).isEqualTo("ACKED 3");
    }

    @Test
    void nack_refusedResourceIsNotTakenAsGone() {
        session.wildcard(CLUSTER);
        session.sotw(1, CLUSTER, "1", cluster("a"));
        session.heard();
        session.reject.put("a", "no");
        session.sotw(
                1, CLUSTER, "2", cluster("a").toBuilder().setAltStatName("x").build());
        assertThat(session.heard()).containsExactly("CLUSTER [a@2]");
        assertThat(session.status(CLUSTER, "a")).isEqualTo("NACKED 1 (no)");
        session.sotw(1, CLUSTER, "3", cluster("a"));
        assertThat(session.status(CLUSTER, "a")).isEqualTo("ACKED 3");
        session.sotw(1, CLUSTER, "4");
        assertThat(session.status(CLUSTER, "a")).isEqualTo("unknown");
    }

    @Test
    void absence_ofClusters_isRemoval_ofEndpoints_isNot() {
        session.wildcard(CLUSTER);
        session.subscribe(ENDPOINTS, "a", "b");
        session.sotw(1, CLUSTER, "1", cluster("a"), cluster("b"));
        session.sotw(1, ENDPOINTS, "1", endpoints("a", 1), endpoints("b", 1));
        session.heard();
        session.sotw(1, CLUSTER, "2", cluster("b"));
        session.sotw(1, ENDPOINTS, "2", endpoints("b", 2));
        assertThat(session.heard()).containsExactly("CLUSTER [] -[a]", "ENDPOINTS [b@2]");
        assertThat(session.status(ENDPOINTS, "a")).isEqualTo("ACKED 1");
    }

    @Test
    void absence_ofANamedListener_isMissingSoon() {
        session.subscribe(LISTENER, "orders:80");
        session.ready(1);
        session.sotw(1, LISTENER, "1");
        assertThat(session.heard()).containsExactly("connected 0", "LISTENER []");
        assertThat(session.timer(AdsTimer.RESOURCES)).isEqualTo(Duration.ofSeconds(2));
        session.fire(AdsTimer.RESOURCES);
        assertThat(session.heard()).containsExactly("missing LISTENER orders:80");
        assertThat(session.status(LISTENER, "orders:80")).isEqualTo("MISSING (does not exist, says the control plane)");
    }

    /** A push for what was asked for before crosses the request; it says nothing of the new name. */
    @Test
    void absence_inAResponseThatWasOnItsWay_isNoAnswer() {
        session.subscribe(LISTENER, "a");
        session.ready(1);
        session.sotw(1, LISTENER, "1", apiListener("a", "r"));
        session.subscribe(LISTENER, "b");
        session.heard();
        session.sotw(1, LISTENER, "2", apiListener("a", "r"));
        session.sotw(1, LISTENER, "2", apiListener("a", "r"), apiListener("b", "r"));
        assertThat(session.heard()).containsExactly("LISTENER []", "LISTENER [b@2]");
        assertThat(session.timer(AdsTimer.RESOURCES)).isNull();
        session.sotw(1, LISTENER, "3", apiListener("a", "r"));
        assertThat(session.heard()).containsExactly("LISTENER [] -[b]");
    }

    @Test
    void response_wrappedResources_readLikeBareOnes() {
        session.wildcard(CLUSTER);
        Any wrapped = Any.pack(Resource.newBuilder()
                .setName("w")
                .setVersion("own")
                .setResource(Any.pack(cluster("w")))
                .build());
        session.sotw(1, CLUSTER, "1", wrapped, cluster("bare"));
        assertThat(session.heard()).containsExactly("connected 0", "CLUSTER [w@own, bare@1]");
    }

    @Test
    void response_ofAnUnaskedKind_isNotAnswered() {
        session.wildcard(CLUSTER);
        assertThat(session.sotw(1, ENDPOINTS, "1", endpoints("a", 1))).isEmpty();
        assertThat(session.received(1, "", DiscoveryResponse.getDefaultInstance()))
                .isEmpty();
    }

    @Test
    void reconnect_sameServerAndNothingLacking_versionGoesWithTheFirstRequest() {
        session.wildcard(CLUSTER);
        session.subscribe(ENDPOINTS, "a");
        session.sotw(1, CLUSTER, "1", cluster("a"));
        session.ended(1, false);
        assertThat(session.fire(AdsTimer.RECONNECT))
                .containsExactly("open 2 at 0 sotw", "2> CLUSTER [] v=1 node", "2> ENDPOINTS [a]");
    }
}
