package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.testing.Resources.cluster;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FailoverMachineTest {
    private final MachineHarness one = MachineHarness.incremental();
    private final MachineHarness two = new MachineHarness(XdsServer.plaintext("one"), XdsServer.plaintext("two"));

    @Test
    void unimplemented_incremental_stateOfTheWorldAtOnce() {
        one.wildcard(CLUSTER);
        assertThat(one.ended(1, true)).containsExactly("open 2 at 0 sotw", "2> CLUSTER [] node");
        assertThat(one.heard()).isEmpty();
    }

    @Test
    void unimplemented_both_backsOffAndBeginsWithIncrementalAgain() {
        one.wildcard(CLUSTER);
        one.ended(1, true);
        assertThat(one.ended(2, true)).isEmpty();
        assertThat(one.heard()).containsExactly("disconnected 0 one: UNIMPLEMENTED");
        assertThat(one.fire(AdsTimer.RECONNECT)).contains("open 3 at 0 delta");
    }

    @Test
    void failure_beforeAnAnswer_nextServerAtOnce_afterTheLastBackoffAndTheFirst() {
        two.wildcard(CLUSTER);
        assertThat(two.ended(1, false)).containsExactly("open 2 at 1 delta", "2> CLUSTER +[*] node");
        assertThat(two.ended(2, false)).isEmpty();
        assertThat(two.timer(AdsTimer.RECONNECT)).isNotNull();
        assertThat(two.fire(AdsTimer.RECONNECT)).contains("open 3 at 0 delta");
    }

    @Test
    void failure_afterAnAnswer_sameListFromTheFirstAfterBackoff() {
        two.wildcard(CLUSTER);
        two.delta(1, CLUSTER, "1", cluster("a"));
        assertThat(two.ended(1, false)).isEmpty();
        assertThat(two.fire(AdsTimer.RECONNECT)).contains("open 2 at 0 delta");
    }

    @Test
    void otherServer_answers_versionsOfTheFirstMeanNothingToIt() {
        two.wildcard(CLUSTER);
        two.delta(1, CLUSTER, "1", cluster("a"));
        two.ended(1, false);
        two.fire(AdsTimer.RECONNECT);
        assertThat(two.ended(2, false)).containsExactly("open 3 at 1 delta", "3> CLUSTER +[*] initial={a=} node");
    }

    @Test
    void preferredServer_isBack_itsFirstAnswerMovesTheSession() {
        two.wildcard(CLUSTER);
        two.ended(1, false);
        two.delta(2, CLUSTER, "1", cluster("a"));
        assertThat(two.heard()).endsWith("connected 1", "CLUSTER [a@1]");
        assertThat(two.fire(AdsTimer.PROBE)).containsExactly("open 3 at 0 delta", "3> CLUSTER +[*] initial={a=} node");
        assertThat(two.ended(3, false)).isEmpty();
        two.fire(AdsTimer.PROBE);
        two.ready(4);
        assertThat(two.subscribe(ENDPOINTS, "a")).containsExactly("2> ENDPOINTS +[a]", "4> ENDPOINTS +[a]");
        assertThat(two.delta(4, CLUSTER, "5", cluster("b")))
                .containsExactly("close 2: a preferred server is back", "4> CLUSTER n=n5");
        assertThat(two.heard()).endsWith("connected 0", "CLUSTER [b@5]");
        assertThat(two.delta(2, CLUSTER, "6", cluster("late"))).isEmpty();
        assertThat(two.ended(2, false)).isEmpty();
    }

    @Test
    void serverInUse_endsWhileProbing_probeIsTheNextAttempt() {
        two.wildcard(CLUSTER);
        two.ended(1, false);
        two.delta(2, CLUSTER, "1", cluster("a"));
        two.fire(AdsTimer.PROBE);
        assertThat(two.ended(2, false)).isEmpty();
        assertThat(two.delta(3, CLUSTER, "2", cluster("a"))).containsExactly("3> CLUSTER n=n2");
        assertThat(two.timer(AdsTimer.RECONNECT)).isNull();
    }

    @Test
    void connection_doesNotComeUp_countsAsFailure() {
        two.wildcard(CLUSTER);
        assertThat(two.timer(AdsTimer.CONNECT)).isEqualTo(Duration.ofSeconds(20));
        assertThat(two.fire(AdsTimer.CONNECT))
                .containsExactly("close 1: no connection within PT20S", "open 2 at 1 delta", "2> CLUSTER +[*] node");
        two.ready(2);
        assertThat(two.timer(AdsTimer.CONNECT)).isNull();
    }

    @Test
    void silence_forTheResourceTimeout_isMissingAndFailsOver() {
        two.wildcard(CLUSTER);
        two.subscribe(ENDPOINTS, "a");
        assertThat(two.timer(AdsTimer.RESOURCES)).isNull();
        two.ready(1);
        assertThat(two.timer(AdsTimer.RESOURCES)).isEqualTo(Duration.ofSeconds(15));
        assertThat(two.fire(AdsTimer.RESOURCES)).startsWith("close 1: one has not answered within 15 s");
        assertThat(two.heard()).contains("missing CLUSTER *", "missing ENDPOINTS a");
        assertThat(two.status(ENDPOINTS, "a")).isEqualTo("TIMEOUT (one has not answered within 15 s)");
    }

    @Test
    void silence_aboutOneResource_leavesTheStreamAndALateAnswerCounts() {
        one.wildcard(CLUSTER);
        one.subscribe(ENDPOINTS, "a");
        one.ready(1);
        one.delta(1, CLUSTER, "1", cluster("a"));
        one.heard();
        assertThat(one.fire(AdsTimer.RESOURCES)).isEmpty();
        assertThat(one.heard()).containsExactly("missing ENDPOINTS a");
        assertThat(one.timer(AdsTimer.RESOURCES)).isNull();
        assertThat(one.delta(1, CLUSTER, "2", cluster("b"))).containsExactly("1> CLUSTER n=n2");
        assertThat(one.timer(AdsTimer.RESOURCES)).isNull();
        one.delta(1, ENDPOINTS, "1", io.inmesh.xds.testing.Resources.endpoints("a", 1));
        assertThat(one.status(ENDPOINTS, "a")).isEqualTo("ACKED 1");
    }

    @Test
    void backoff_growsWithinItsBounds_andBeginsAnewWithAnAnswer() {
        one.wildcard(CLUSTER);
        long bound = 500;
        for (int attempt = 1; attempt <= 12; attempt++) {
            one.ended(attempt, false);
            assertThat(one.timer(AdsTimer.RECONNECT)).isBetween(Duration.ZERO, Duration.ofMillis(bound));
            one.fire(AdsTimer.RECONNECT);
            bound = Math.min(bound * 2, 30_000);
        }
        one.delta(13, CLUSTER, "1", cluster("a"));
        one.ended(13, false);
        assertThat(one.timer(AdsTimer.RECONNECT)).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void backoff_manyDraws_fillEachIntervalEvenly() {
        long seed = 20260101L;
        Random random = new Random(seed);
        long[] sum = new long[8];
        for (int run = 0; run < 4000; run++) {
            Backoff backoff = new Backoff(random, Duration.ofMillis(500), Duration.ofSeconds(30));
            for (int i = 0; i < sum.length; i++) {
                sum[i] += backoff.next().toMillis();
            }
        }
        long bound = 500;
        for (long each : sum) {
            assertThat(each / 4000.0).as("seed %s", seed).isBetween(bound * 0.46, bound * 0.54);
            bound = Math.min(bound * 2, 30_000);
        }
    }
}
