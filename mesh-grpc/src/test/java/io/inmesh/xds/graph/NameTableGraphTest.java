package io.inmesh.xds.graph;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.LISTENER;
import static io.inmesh.xds.protocol.ResourceKind.NAME_TABLE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import io.inmesh.xds.testing.NameTables;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Istio's table of names does to snapshots. */
class NameTableGraphTest {
    private final GraphHarness mesh = GraphHarness.started(EnumSet.of(CLUSTER, LISTENER, NAME_TABLE));

    @Test
    void firstSnapshot_tableComesLast_isWaitedFor() {
        answerTheRest();
        assertThat(mesh.published).isEmpty();
        table("a.example", "240.240.0.1");
        assertThat(mesh.last().addresses()).containsExactly(Map.entry("a.example", List.of("240.240.0.1")));
        assertThat(mesh.published).hasSize(1);
    }

    @Test
    void firstSnapshot_noTableWithinASecond_comesWithoutAndIsNoError() {
        answerTheRest();
        mesh.loop.advance(Duration.ofMillis(999));
        assertThat(mesh.published).isEmpty();
        mesh.loop.advance(Duration.ofMillis(1));
        assertThat(mesh.last().addresses()).isEmpty();
        assertThat(mesh.last().absent()).isEmpty();
        table("late.example", "240.240.0.1");
        assertThat(mesh.last().addresses()).containsOnlyKeys("late.example");
    }

    @Test
    void table_repeatedUnchanged_publishesNothing() {
        answerTheRest();
        table("a.example", "240.240.0.1");
        table("a.example", "240.240.0.1");
        assertThat(mesh.published).hasSize(1);
        table("b.example", "240.240.0.1");
        assertThat(mesh.published).hasSize(2);
    }

    @Test
    void table_unreadable_isRefusedAndTheLastOneStays() {
        answerTheRest();
        table("a.example", "240.240.0.1");
        Verdict verdict = mesh.graph.onResponse(
                NAME_TABLE,
                List.of(new RawResource(
                        NAME_TABLE,
                        "mesh",
                        "2",
                        Any.newBuilder()
                                .setTypeUrl(NAME_TABLE.typeUrl())
                                .setValue(ByteString.copyFromUtf8("\n\nx"))
                                .build())),
                List.of());
        assertThat(verdict.rejected()).containsKey("mesh");
        assertThat(mesh.last().addresses()).containsOnlyKeys("a.example");
    }

    private void answerTheRest() {
        mesh.graph.onResponse(CLUSTER, List.of(), List.of());
        mesh.graph.onResponse(LISTENER, List.of(), List.of());
    }

    private void table(String host, String ip) {
        mesh.graph.onResponse(
                NAME_TABLE,
                List.of(new RawResource(NAME_TABLE, "mesh", "1", NameTables.table(Map.of(host, List.of(ip))))),
                List.of());
    }
}
