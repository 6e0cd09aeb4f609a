package io.inmesh.xds.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.decode.Recordings;
import io.inmesh.xds.decode.Recordings.Recording;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.testing.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Feeds mutated resources of real control planes to decoders and graph. Nothing may be thrown, no mistake of a decoder may hide behind its last resort,
 * and no snapshot may be torn. {@code -Dinmesh.fuzz.seed=…} repeats a run with another seed than the three of each build.
 */
class MutationFuzzTest {
    private static final int STEPS = 2_500;
    private static final String UNFORESEEN = "cannot be decoded: ";

    @ParameterizedTest
    @ValueSource(longs = {1, 20_261_123, 0})
    void graph_mutatedResources_neverThrowsAndNeverPublishesATornSnapshot(long given) {
        long seed = given == 0 ? Long.getLong("inmesh.fuzz.seed", 42) : given;
        SplittableRandom random = new SplittableRandom(seed);
        List<Recording> recordings = Recordings.all();
        // Under each seed one graph with wildcards and one by name.
        for (Set<ResourceKind> wildcards : List.of(GraphHarness.WILDCARDS, Set.<ResourceKind>of())) {
            GraphHarness mesh = GraphHarness.started(wildcards);
            for (int step = 0; step < STEPS; step++) {
                String where = "seed " + seed + ", step " + step + ", wildcards " + wildcards;
                int before = mesh.published.size();
                step(mesh, recordings.get(random.nextInt(recordings.size())), random, where);
                for (MeshSnapshot snapshot : mesh.published.subList(before, mesh.published.size())) {
                    assertWhole(snapshot, where);
                }
            }
            assertThat(mesh.published).as("seed " + seed).isNotEmpty();
        }
    }

    private static void step(GraphHarness mesh, Recording recording, SplittableRandom random, String where) {
        ResourceKind kind = recording.kind();
        String name = name(recording, random);
        switch (random.nextInt(10)) {
            case 0 -> mesh.graph.onResponse(kind, List.of(), List.of(name));
            case 1 -> mesh.graph.onMissing(kind, random.nextBoolean() ? name : "*", "no answer");
            case 2 -> mesh.graph.want(kind.named(name));
            case 3 -> mesh.graph.release(kind.named(name));
            case 4 -> {
                mesh.loop.advance(Duration.ofSeconds(5));
                answerForSecrets(mesh, random);
            }
            default -> {
                ByteString bytes = mutate(recording.body().getValue(), random);
                Any body = recording.body().toBuilder().setValue(bytes).build();
                Verdict verdict =
                        mesh.graph.onResponse(kind, List.of(new RawResource(kind, name, "1", body)), List.of());
                assertThat(verdict.rejected().values())
                        .as(where + ", " + recording.file())
                        .noneMatch(reason -> reason.contains(UNFORESEEN));
            }
        }
    }

    /** The recordings have none, so each that is asked for is made up, or does not come. */
    private static void answerForSecrets(GraphHarness mesh, SplittableRandom random) {
        for (String each : List.copyOf(mesh.subscribed)) {
            if (each.startsWith("SECRET ")) {
                String name = each.substring("SECRET ".length());
                if (random.nextBoolean()) {
                    mesh.receive(ResourceKind.SECRET, Resources.certificate(name, "chain " + random.nextInt(3), "key"));
                } else {
                    mesh.graph.onMissing(ResourceKind.SECRET, name, "no answer");
                }
            }
        }
    }

    /** Mostly the name that it has, so that resources find each other. */
    private static String name(Recording recording, SplittableRandom random) {
        if (random.nextInt(8) == 0) {
            return "name " + random.nextInt(5);
        }
        return recording.name();
    }

    private static ByteString mutate(ByteString original, SplittableRandom random) {
        byte[] bytes = original.toByteArray();
        switch (random.nextInt(6)) {
            case 0 -> {
                return original;
            }
            case 1 -> {
                return original.substring(0, random.nextInt(original.size() + 1));
            }
            case 2 -> {
                return nested(original, random);
            }
            case 3 -> {
                // A piece from elsewhere in the same resource, over another of the same length.
                int length = random.nextInt(1 + bytes.length / 4);
                int from = random.nextInt(bytes.length - length + 1);
                int to = random.nextInt(bytes.length - length + 1);
                System.arraycopy(original.toByteArray(), from, bytes, to, length);
            }
            default -> {
                int flips = 1 + random.nextInt(8);
                for (int i = 0; i < flips && bytes.length > 0; i++) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        return ByteString.copyFrom(bytes);
    }

    /** The resource within itself, under a random field, up to two hundred times. */
    private static ByteString nested(ByteString original, SplittableRandom random) {
        ByteString inner = original;
        int field = 1 + random.nextInt(15);
        int depth = 1 + random.nextInt(200);
        for (int i = 0; i < depth && inner.size() < 60_000; i++) {
            ByteString.Output out = ByteString.newOutput();
            out.write(field << 3 | 2);
            int length = inner.size();
            while (length > 0x7f) {
                out.write((length & 0x7f) | 0x80);
                length >>>= 7;
            }
            out.write(length);
            inner = out.toByteString().concat(inner);
        }
        return original.concat(inner);
    }

    private static void assertWhole(MeshSnapshot snapshot, String where) {
        for (Map.Entry<String, Listener> entry : snapshot.listeners().entrySet()) {
            HttpConnectionManager http = entry.getValue().http();
            if (http != null) {
                assertThat(snapshot.routeTables())
                        .as(where + ", listener " + entry.getKey())
                        .containsKey(http.routeTable());
            }
        }
        snapshot.clusters().forEach((name, state) -> {
            if (state instanceof ClusterState.Ready ready) {
                assertThat(ready.assignment()).as(where).isNotNull();
                ready.cluster().secrets().stream()
                        .filter(secret -> secret.source().isEmpty())
                        .forEach(secret -> assertThat(snapshot.secrets().containsKey(secret.name())
                                        || snapshot.absent().containsKey(ResourceKind.SECRET.named(secret.name())))
                                .as(where + ", " + secret + " of cluster " + name)
                                .isTrue());
                boolean eds = ready.cluster().discovery() instanceof Discovery.Eds;
                ready.assignment().localities().stream()
                        .flatMap(locality -> locality.endpoints().stream())
                        .forEach(endpoint -> assertThat(endpoint.port())
                                .as(where + ", cluster " + name + (eds ? " by EDS" : ""))
                                .isBetween(1, 65535));
            } else if (state instanceof ClusterState.Failed failed) {
                assertThat(failed.reason()).as(where).isNotEmpty();
            }
        });
    }
}
