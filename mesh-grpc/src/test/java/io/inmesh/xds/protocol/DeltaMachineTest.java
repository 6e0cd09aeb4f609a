package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.protocol.ResourceKind.LISTENER;
import static io.inmesh.xds.protocol.ResourceKind.ROUTE_TABLE;
import static io.inmesh.xds.testing.Resources.cluster;
import static io.inmesh.xds.testing.Resources.endpoints;
import static io.inmesh.xds.testing.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeltaMachineTest {
    private final MachineHarness session = MachineHarness.incremental();

    @Test
    void start_nothingWanted_noStream() {
        session.machine.endTurn();
        assertThat(session.output()).isEmpty();
    }

    @Test
    void wildcard_firstTurn_oneStreamAndNodeOnFirstRequestOnly() {
        assertThat(session.wildcard(LISTENER, CLUSTER))
                .containsExactly("open 1 at 0 delta", "1> CLUSTER +[*] node", "1> LISTENER +[*]");
    }

    @Test
    void subscribe_severalInOneTurn_oneRequest() {
        session.wildcard(CLUSTER);
        assertThat(session.subscribe(ENDPOINTS, "a", "b", "c")).containsExactly("1> ENDPOINTS +[a, b, c]");
        session.machine.subscribe(ENDPOINTS, "d");
        session.machine.unsubscribe(ENDPOINTS, "a");
        session.machine.endTurn();
        assertThat(session.output()).containsExactly("1> ENDPOINTS +[d] -[a]");
    }

    @Test
    void subscribe_opensTheStream_askedForOnce() {
        assertThat(session.subscribe(LISTENER, "orders:80"))
                .containsExactly("open 1 at 0 delta", "1> LISTENER +[orders:80] node");
    }

    @Test
    void response_accepted_ackComesBeforeWhatItLeadsTo() {
        session.wildcard(CLUSTER);
        session.onResponse = () -> session.machine.subscribe(ENDPOINTS, "a");
        assertThat(session.delta(1, CLUSTER, "1", cluster("a")))
                .containsExactly("1> CLUSTER n=n1", "1> ENDPOINTS +[a]");
        assertThat(session.heard()).containsExactly("connected 0", "CLUSTER [a@1]");
        assertThat(session.status(CLUSTER, "a")).isEqualTo("ACKED 1");
        assertThat(session.status(ENDPOINTS, "a")).isEqualTo("REQUESTED");
    }

    @Test
    void response_oneOfTwoRejected_goodOneAppliedAndNackNamesTheBadOne() {
        session.wildcard(CLUSTER);
        session.delta(1, CLUSTER, "1", cluster("bad"));
        session.reject.put("bad", "cluster.type: NOPE is unknown");
        Cluster changed = cluster("bad").toBuilder().setAltStatName("x").build();
        assertThat(session.delta(1, CLUSTER, "2", cluster("good"), changed))
                .containsExactly("1> CLUSTER n=n2 NACK 1 of 2 resources refused: bad: cluster.type: NOPE is unknown");
        assertThat(session.status(CLUSTER, "good")).isEqualTo("ACKED 2");
        assertThat(session.status(CLUSTER, "bad")).isEqualTo("NACKED 1 (cluster.type: NOPE is unknown)");
    }

    @Test
    void response_brokenResources_refusedByNameOrPlaceWithoutTheHandler() {
        session.wildcard(CLUSTER);
        Resource garbage = Resource.newBuilder()
                .setName("g")
                .setResource(Any.newBuilder()
                        .setTypeUrl(CLUSTER.typeUrl())
                        .setValue(ByteString.copyFrom(new byte[] {10, 127, 1})))
                .build();
        Resource wrongType = Resource.newBuilder()
                .setName("w")
                .setResource(Any.pack(routes("r", "c", "*")))
                .build();
        Resource nameless = Resource.newBuilder()
                .setResource(Any.pack(Cluster.getDefaultInstance()))
                .build();
        Resource empty = Resource.newBuilder().setName("e").build();
        List<String> output =
                session.delta(1, CLUSTER, "1", garbage, wrongType, nameless, empty, cluster("ok"), cluster("ok"));
        assertThat(output).hasSize(1);
        assertThat(output.get(0))
                .startsWith("1> CLUSTER n=n1 NACK 5 of 6 resources refused: g: is not a readable protobuf message")
                .contains("w: is of type 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration'")
                .contains("#2: has no name")
                .contains("e: has neither a body nor a time to live")
                .contains("ok: appears twice in one response");
        assertThat(session.heard()).containsExactly("connected 0", "CLUSTER [ok@1]");
        assertThat(session.status(CLUSTER, "ok")).isEqualTo("ACKED 1");
        assertThat(session.status(CLUSTER, "#2")).isEqualTo("unknown");
    }

    @Test
    void response_handlerThrows_refusedAndSessionGoesOn() {
        session.wildcard(CLUSTER);
        session.onResponse = () -> {
            throw new IllegalStateException("oops");
        };
        assertThat(session.delta(1, CLUSTER, "1", cluster("a")))
                .containsExactly("1> CLUSTER n=n1 NACK 1 of 1 resources refused: a: could not be processed:"
                        + " java.lang.IllegalStateException: oops");
        session.onResponse = null;
        assertThat(session.delta(1, CLUSTER, "2", cluster("a"))).containsExactly("1> CLUSTER n=n2");
    }

    @Test
    void response_unaskedTypesAndGarbageTypes_neitherAckedNorAnswered() {
        session.wildcard(CLUSTER);
        assertThat(session.delta(1, LISTENER, "1")).isEmpty();
        assertThat(session.received(1, "what?", DeltaDiscoveryResponse.getDefaultInstance()))
                .isEmpty();
        assertThat(session.heard()).isEmpty();
    }

    @Test
    void response_moreThanWasAskedFor_restIgnoredAndNeverUnsubscribed() {
        session.subscribe(CLUSTER, "a");
        assertThat(session.delta(1, CLUSTER, "1", cluster("a"), cluster("foreign")))
                .containsExactly("1> CLUSTER n=n1");
        assertThat(session.heard()).containsExactly("connected 0", "CLUSTER [a@1]");
        assertThat(session.status(CLUSTER, "foreign")).isEqualTo("unknown");
        assertThat(session.subscribe(CLUSTER, "b")).containsExactly("1> CLUSTER +[b]");
    }

    @Test
    void removed_wantedNameAndUnknownName_onlyTheWantedOneIsMissing() {
        session.subscribe(ENDPOINTS, "a", "b");
        session.delta(1, ENDPOINTS, "1", endpoints("a", 1));
        assertThat(session.delta(1, ENDPOINTS, "2", List.of("a", "b", "stranger")))
                .containsExactly("1> ENDPOINTS n=n2");
        assertThat(session.heard()).containsExactly("connected 0", "ENDPOINTS [a@1]", "ENDPOINTS [] -[a, b]");
        assertThat(session.status(ENDPOINTS, "b")).isEqualTo("MISSING (does not exist, says the control plane)");
        session.delta(1, ENDPOINTS, "3", endpoints("a", 2));
        assertThat(session.status(ENDPOINTS, "a")).isEqualTo("ACKED 3");
    }

    @Test
    void removed_underWildcard_statusForgets() {
        session.wildcard(CLUSTER);
        session.delta(1, CLUSTER, "1", cluster("a"), cluster("b"));
        session.delta(1, CLUSTER, "2", List.of("a"));
        assertThat(session.status(CLUSTER, "a")).isEqualTo("unknown");
        assertThat(session.heard()).endsWith("CLUSTER [] -[a]");
    }

    @Test
    void reconnect_sameServer_initialVersionsOfWhatIsInForce() {
        session.wildcard(CLUSTER);
        session.subscribe(ENDPOINTS, "a", "b");
        session.delta(1, CLUSTER, "1", cluster("a"));
        session.delta(1, ENDPOINTS, "7", endpoints("a", 1));
        session.unsubscribe(ENDPOINTS, "b");
        assertThat(session.ended(1, false)).isEmpty();
        assertThat(session.heard()).endsWith("disconnected 0 one: UNAVAILABLE");
        assertThat(session.fire(AdsTimer.RECONNECT))
                .containsExactly(
                        "open 2 at 0 delta", "2> CLUSTER +[*] initial={a=1} node", "2> ENDPOINTS +[a] initial={a=7}");
        assertThat(session.delta(1, CLUSTER, "9", cluster("late"))).isEmpty();
    }

    @Test
    void response_repeatsWhatIsInForce_handlerIsNotTroubled() {
        session.wildcard(CLUSTER);
        session.delta(1, CLUSTER, "1", cluster("a"));
        session.heard();
        assertThat(session.delta(1, CLUSTER, "2", cluster("a"))).containsExactly("1> CLUSTER n=n2");
        assertThat(session.heard()).containsExactly("CLUSTER []");
        assertThat(session.status(CLUSTER, "a")).isEqualTo("ACKED 2");
    }

    @Test
    void resubscribe_knownInSameTurn_handedOverAgainWithoutARequest() {
        session.subscribe(ENDPOINTS, "a");
        session.delta(1, ENDPOINTS, "1", endpoints("a", 1));
        session.heard();
        session.machine.unsubscribe(ENDPOINTS, "a");
        assertThat(session.subscribe(ENDPOINTS, "a")).isEmpty();
        assertThat(session.heard()).containsExactly("ENDPOINTS [a@1]");
    }

    @Test
    void resubscribe_unknownInSameTurn_askedForOnceMore() {
        session.subscribe(ENDPOINTS, "a");
        session.delta(1, ENDPOINTS, "1", List.of("a"));
        session.machine.unsubscribe(ENDPOINTS, "a");
        assertThat(session.subscribe(ENDPOINTS, "a")).containsExactly("1> ENDPOINTS +[a]");
    }

    @Test
    void resubscribe_laterTurn_askedForAnew() {
        session.subscribe(ENDPOINTS, "a");
        session.delta(1, ENDPOINTS, "1", endpoints("a", 1));
        assertThat(session.unsubscribe(ENDPOINTS, "a")).containsExactly("1> ENDPOINTS -[a]");
        assertThat(session.subscribe(ENDPOINTS, "a")).containsExactly("1> ENDPOINTS +[a]");
        assertThat(session.status(ENDPOINTS, "a")).isEqualTo("REQUESTED");
    }

    @Test
    void unsubscribe_allBeforeTheStreamOpens_noRequestThatCouldMeanEverything() {
        session.machine.subscribe(ROUTE_TABLE, "r");
        session.machine.unsubscribe(ROUTE_TABLE, "r");
        session.machine.wildcard(CLUSTER);
        session.machine.endTurn();
        assertThat(session.output()).containsExactly("open 1 at 0 delta", "1> CLUSTER +[*] node");
    }

    @Test
    void wildcardAndName_sameKind_bothSubscribed() {
        session.wildcard(CLUSTER);
        assertThat(session.subscribe(CLUSTER, "on-demand")).containsExactly("1> CLUSTER +[on-demand]");
        assertThat(session.unsubscribe(CLUSTER, "on-demand")).containsExactly("1> CLUSTER -[on-demand]");
    }

    @Test
    void alias_ofAWantedName_deliveredUnderThatName() {
        session.subscribe(CLUSTER, "short");
        Resource aliased = Resource.newBuilder()
                .setName("long")
                .addAliases("short")
                .setVersion("1")
                .setResource(Any.pack(cluster("long")))
                .build();
        session.delta(1, CLUSTER, "1", aliased);
        assertThat(session.heard()).containsExactly("connected 0", "CLUSTER [short@1]");
    }

    @Test
    void timeToLive_notRenewed_resourceRemoved() {
        session.subscribe(ENDPOINTS, "a");
        session.ready(1);
        session.delta(1, ENDPOINTS, "1", withTtl("a", 30, true));
        session.pass(java.time.Duration.ofSeconds(20));
        session.delta(1, ENDPOINTS, "1", withTtl("a", 30, false));
        session.heard();
        assertThat(session.timer(AdsTimer.RESOURCES)).isEqualTo(java.time.Duration.ofSeconds(30));
        session.fire(AdsTimer.RESOURCES);
        assertThat(session.heard()).containsExactly("ENDPOINTS [] -[a]");
        assertThat(session.status(ENDPOINTS, "a")).isEqualTo("MISSING (was not renewed within its time to live)");
    }

    private static Resource withTtl(String name, int seconds, boolean body) {
        Resource.Builder resource = Resource.newBuilder()
                .setName(name)
                .setVersion("1")
                .setTtl(Duration.newBuilder().setSeconds(seconds));
        if (body) {
            resource.setResource(Any.pack(endpoints(name, 1)));
        }
        return resource.build();
    }
}
