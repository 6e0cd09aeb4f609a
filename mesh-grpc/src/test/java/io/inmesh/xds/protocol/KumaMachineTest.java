package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.protocol.ResourceKind.LISTENER;
import static io.inmesh.xds.protocol.ResourceKind.SECRET;
import static io.inmesh.xds.testing.Resources.cluster;
import static io.inmesh.xds.testing.Resources.endpoints;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.inmesh.xds.protocol.XdsServer.Habits;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is done otherwise with kuma-cp. */
class KumaMachineTest {
    private static final XdsServer KUMA = XdsServer.plaintext("kuma").withHabits(Habits.KUMA);

    private final MachineHarness sotw = new MachineHarness(KUMA.withTransport(XdsTransport.STATE_OF_THE_WORLD));
    private final MachineHarness delta = new MachineHarness(KUMA);

    @Test
    void sotw_namesAreWanted_noneIsSent() {
        assertThat(sotw.subscribe(ENDPOINTS, "a", "b")).containsExactly("open 1 at 0 sotw", "1> ENDPOINTS [] node");
        assertThat(sotw.sotw(1, ENDPOINTS, "1", endpoints("a", 1), endpoints("b", 1), endpoints("unasked", 1)))
                .containsExactly("1> ENDPOINTS [] v=1 n=n1");
        assertThat(sotw.heard()).contains("ENDPOINTS [a@1, b@1]");
    }

    @Test
    void sotw_laterNameIsUnknown_everythingIsAskedForOnceMore() {
        sotw.subscribe(SECRET, "identity");
        sotw.sotw(1, SECRET, "1");
        assertThat(sotw.subscribe(SECRET, "roots"))
                .as("under no version, so that the answer is not that all is known")
                .containsExactly("1> SECRET [] n=n1");
    }

    @Test
    void sotw_laterNameIsKnown_nothingIsSent() {
        sotw.subscribe(ENDPOINTS, "a", "b");
        sotw.sotw(1, ENDPOINTS, "1", endpoints("a", 1), endpoints("b", 1));
        assertThat(sotw.unsubscribe(ENDPOINTS, "a")).isEmpty();
        assertThat(sotw.sotw(1, ENDPOINTS, "2", endpoints("b", 2))).containsExactly("1> ENDPOINTS [] v=2 n=n2");
    }

    @Test
    void sotw_nameThatNeverComes_isMissingAfterTheTimeout() {
        sotw.subscribe(SECRET, "a", "b");
        sotw.ready(1);
        sotw.sotw(1, SECRET, "1");
        sotw.heard();
        sotw.fire(AdsTimer.RESOURCES);
        assertThat(sotw.heard()).contains("missing SECRET a", "missing SECRET b");
    }

    @Test
    void sotw_refusal_carriesTheRefusedVersion_soThatItIsNotSentAgainForEver() {
        sotw.wildcard(CLUSTER);
        sotw.reject.put("b", "lb_policy: 99 is unknown");
        assertThat(sotw.sotw(1, CLUSTER, "1", cluster("a"), cluster("b")))
                .containsExactly("1> CLUSTER [] v=1 n=n1 NACK 1 of 2 resources refused: b: lb_policy: 99 is unknown");
        assertThat(sotw.status(CLUSTER, "b")).startsWith("NACKED");
        assertThat(sotw.status(CLUSTER, "a")).isEqualTo("ACKED 1");
    }

    @Test
    void sotw_sameRefusalAgain_isNotSaidTwice() {
        sotw.wildcard(CLUSTER);
        sotw.reject.put("b", "no");
        sotw.sotw(1, CLUSTER, "1", cluster("a"), cluster("b"));
        assertThat(sotw.sotw(1, CLUSTER, "2", cluster("a"), cluster("b"))).containsExactly("1> CLUSTER [] v=2 n=n2");
        sotw.reject.put("b", "no, for another reason");
        assertThat(sotw.sotw(1, CLUSTER, "3", cluster("a"), cluster("b")).get(0))
                .contains("NACK");
        sotw.reject.clear();
        assertThat(sotw.sotw(1, CLUSTER, "4", cluster("a"))).containsExactly("1> CLUSTER [] v=4 n=n4");
        sotw.reject.put("b", "no, for another reason");
        assertThat(sotw.sotw(1, CLUSTER, "5", cluster("a"), cluster("b")).get(0))
                .as("it was mended meanwhile")
                .contains("NACK");
    }

    @Test
    void delta_wildcardAndNames_asWithAnyServer_sameRefusalOnce() {
        assertThat(delta.wildcard(CLUSTER)).containsExactly("open 1 at 0 delta", "1> CLUSTER +[*] node");
        delta.reject.put("b", "no");
        assertThat(delta.delta(1, CLUSTER, "1", cluster("b")).get(0)).contains("NACK");
        assertThat(delta.delta(1, CLUSTER, "2", cluster("b"))).containsExactly("1> CLUSTER n=n2");
    }

    @Test
    void delta_unimplemented_isAskedForStateOfTheWorld() {
        delta.wildcard(LISTENER);
        assertThat(delta.ended(1, true)).containsExactly("open 2 at 0 sotw", "2> LISTENER [] node");
    }

    @Test
    void silence_isNoReasonToAskOtherwise_andSaysWhatItMayMean() {
        delta.wildcard(LISTENER);
        delta.ready(1);
        List<String> output = delta.fire(AdsTimer.RESOURCES);
        assertThat(output).isEmpty();
        assertThat(delta.heard()).anySatisfy(line -> assertThat(line)
                .contains("has not answered within 15 s", "cannot make an identity"));
    }

    @Test
    void sotw_silence_isAskedIncrementally_asKuma3HasNothingElse() {
        sotw.wildcard(LISTENER);
        sotw.subscribe(SECRET, "identity");
        sotw.ready(1);
        assertThat(sotw.fire(AdsTimer.RESOURCES))
                .containsExactly(
                        "close 1: kuma has not answered within 15 s",
                        "open 2 at 0 delta",
                        "2> LISTENER +[*] node",
                        "2> SECRET +[identity]");
        assertThat(sotw.heard()).anySatisfy(line -> assertThat(line)
                .contains("has not answered within 15 s", "state of the world", "asked incrementally"));
        sotw.ready(2);
        assertThat(sotw.fire(AdsTimer.RESOURCES))
                .as("the silence of an incremental stream is not about the transport")
                .isEmpty();
    }

    @Test
    void sotw_silenceOfAServerWithoutIncremental_changesNothing() {
        delta.wildcard(LISTENER);
        delta.ended(1, true);
        delta.ready(2);
        assertThat(delta.fire(AdsTimer.RESOURCES)).isEmpty();
    }

    @Test
    void sotw_silenceOfAnyOtherServer_changesNothing() {
        MachineHarness other =
                new MachineHarness(XdsServer.plaintext("other").withTransport(XdsTransport.STATE_OF_THE_WORLD));
        other.wildcard(LISTENER);
        other.ready(1);
        assertThat(other.fire(AdsTimer.RESOURCES)).isEmpty();
    }

    @Test
    void sotw_firstKumaCpIsSilent_itIsAskedAgainBeforeTheSecond() {
        XdsServer whole = KUMA.withTransport(XdsTransport.STATE_OF_THE_WORLD);
        MachineHarness two = new MachineHarness(whole, whole);
        two.wildcard(LISTENER);
        two.ready(1);
        assertThat(two.fire(AdsTimer.RESOURCES))
                .contains("close 1: kuma has not answered within 15 s", "open 2 at 0 delta");
        two.ready(2);
        assertThat(two.fire(AdsTimer.RESOURCES))
                .contains("close 2: kuma has not answered within 15 s", "open 3 at 1 sotw");
    }

    @Test
    void nodeStillHeld_isTriedAgainWithoutGrowingPauses() {
        StreamEnd held = EndReason.of(
                Status.UNKNOWN.withDescription("there is already an active stream from this node, try again later"),
                DiscoveryService.AGGREGATED);
        assertThat(held.nodeHeld()).isTrue();
        delta.wildcard(LISTENER);
        for (int stream = 1; stream < 30; stream++) {
            delta.machine.ended(stream, held);
            delta.output();
            assertThat(delta.timer(AdsTimer.RECONNECT)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
            delta.fire(AdsTimer.RECONNECT);
        }
        assertThat(delta.heard()).as("said once").hasSize(1);
    }

    @Test
    void otherUnknownErrors_areNotTakenForAHeldNode() {
        StreamEnd end = EndReason.of(
                Status.UNKNOWN.withDescription("authentication failed: token is expired"), DiscoveryService.AGGREGATED);
        assertThat(end.nodeHeld()).isFalse();
        assertThat(end.reason()).contains("token is expired");
    }
}
