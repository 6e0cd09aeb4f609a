package io.inmesh.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.snapshot.SecretProvider.Watch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SnapshotSecretsTest {
    private static final SecretName ID = SecretName.ofControlPlane("id");

    private final SnapshotSecrets secrets = new SnapshotSecrets();
    private final List<SecretState> told = new ArrayList<>();
    private long generation;

    private static Secret certificate(String chain) {
        return Secret.Certificate.of(DataSource.Inline.of(chain), DataSource.Inline.of("very-private"));
    }

    private void publish(Map<String, Secret> all) {
        publish(all, Map.of());
    }

    private void publish(Map<String, Secret> all, Map<ResourceName, String> absent) {
        secrets.accept(new MeshSnapshot(++generation, Map.of(), Map.of(), Map.of(), Map.of(), all, absent));
    }

    @Test
    void provides_onlyTheControlPlanesOwn() {
        assertThat(secrets.provides(ID)).isTrue();
        assertThat(secrets.provides(new SecretName("cluster:sds-grpc", "default")))
                .isFalse();
    }

    @Test
    void watch_tellsThisMomentAtOnce_andEachChangeOnce() {
        Watch watch = secrets.watch(ID, told::add);
        assertThat(told).containsExactly(new Awaited("secret id: no configuration has come yet"));

        publish(Map.of("id", certificate("v1")));
        publish(Map.of("id", certificate("v1")));
        publish(Map.of("id", certificate("v2"), "other", certificate("v1")));
        watch.close();
        watch.close();
        publish(Map.of("id", certificate("v3")));

        assertThat(told.subList(1, told.size()))
                .containsExactly(new Ready(certificate("v1")), new Ready(certificate("v2")));
        assertThat(told.toString()).doesNotContain("very-private");
    }

    @Test
    void watch_secretThatIsThereAlready_isReadyAtOnce() {
        publish(Map.of("id", certificate("v1")));

        secrets.watch(ID, told::add);

        assertThat(told).containsExactly(new Ready(certificate("v1")));
    }

    @Test
    void watch_secretThatGoes_staysAsItWas() {
        publish(Map.of("id", certificate("v1")));
        secrets.watch(ID, told::add);

        publish(Map.of());
        secrets.watch(ID, told::add);

        assertThat(told).containsExactly(new Ready(certificate("v1")), new Ready(certificate("v1")));
    }

    @Test
    void watch_secretThatIsMissing_saysWhy_andIsThereWhenItComes() {
        publish(Map.of(), Map.of(new ResourceName(ResourceName.Kind.SECRET, "id"), "no answer within 15 s"));
        secrets.watch(ID, told::add);
        secrets.watch(SecretName.ofControlPlane("unnamed"), told::add);

        publish(Map.of("id", certificate("late")));

        assertThat(told)
                .containsExactly(
                        new Awaited("secret id: no answer within 15 s"),
                        new Awaited("secret unnamed: the control plane has not been asked for it, as nothing in force"
                                + " names it"),
                        new Ready(certificate("late")));
    }

    /** Whoever watches while snapshots come is told the last one in the end, and none after a newer one. */
    @Test
    void watch_whileSnapshotsCome_endsWithTheNewestAndNeverGoesBack() throws Exception {
        int snapshots = 2_000;
        CountDownLatch started = new CountDownLatch(1);
        Thread publisher = new Thread(() -> {
            for (int i = 0; i < snapshots; i++) {
                publish(Map.of("id", certificate(Integer.toString(i))));
                started.countDown();
            }
        });
        publisher.start();
        started.await();
        List<List<SecretState>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            List<SecretState> mine = Collections.synchronizedList(new ArrayList<>());
            all.add(mine);
            secrets.watch(ID, mine::add);
        }
        publisher.join();

        assertThat(all).isNotEmpty().allSatisfy(mine -> {
            List<Integer> versions =
                    mine.stream().map(SnapshotSecretsTest::version).toList();
            assertThat(versions).isSorted().doesNotHaveDuplicates().last().isEqualTo(snapshots - 1);
        });
    }

    private static int version(SecretState state) {
        Secret.Certificate certificate = (Secret.Certificate) ((Ready) state).secret();
        return Integer.parseInt(new String(
                ((DataSource.Inline) java.util.Objects.requireNonNull(certificate.chain())).bytes(),
                java.nio.charset.StandardCharsets.UTF_8));
    }
}
