package io.inmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SecretReadinessTest {
    private static final SecretName CERTIFICATE = new SecretName("cluster:sds-grpc", "default");
    private static final SecretName FOREIGN = new SecretName("cluster:elsewhere", "x");
    private static final SecretName OWN = SecretName.ofControlPlane("own");

    private final Secrets secrets = new Secrets();
    private volatile MeshSnapshot snapshot = MeshSnapshot.EMPTY;
    private final SecretReadiness readiness = new SecretReadiness(secrets);

    @Test
    void await_noSecretNamed_returnsAndWatchesNothing() throws Exception {
        await(Duration.ZERO);
        assertThat(secrets.watched).isEmpty();
    }

    @Test
    void await_certificateAwaited_failsWithTheReasonAndKeepsWatching() {
        serve(CERTIFICATE);
        assertThatThrownBy(() -> await(Duration.ofMillis(5)))
                .isInstanceOf(MeshException.class)
                .hasMessageContainingAll("not ready within PT0.005S", "secret default of cluster:sds-grpc (no token)");
        assertThat(secrets.watched).containsOnlyKeys(CERTIFICATE);
    }

    @Test
    void await_certificateComes_returns() throws Exception {
        serve(CERTIFICATE);
        CompletableFuture<Void> waiting = inBackground(Duration.ofSeconds(30));
        secrets.give(CERTIFICATE);
        waiting.get();
        await(Duration.ZERO);
    }

    @Test
    void await_anotherSnapshotNeedsNoSecret_returns() throws Exception {
        serve(CERTIFICATE);
        CompletableFuture<Void> waiting = inBackground(Duration.ofSeconds(30));
        secrets.awaitWatch(CERTIFICATE);
        snapshot = MeshSnapshot.EMPTY;
        readiness.configurationChanged(snapshot);
        waiting.get();
        assertThat(secrets.watched).isEmpty();
    }

    /** Nobody waits any more: what is watched then is what the configuration names, and not what it once named. */
    @Test
    void configurationChanged_afterEverybodyWaited_releasesWhatItNoLongerNames() throws Exception {
        serve(CERTIFICATE, OWN);
        CompletableFuture<Void> waiting = inBackground(Duration.ofSeconds(30));
        secrets.give(CERTIFICATE);
        secrets.give(OWN);
        waiting.get();
        assertThat(secrets.watched).containsOnlyKeys(CERTIFICATE, OWN);

        for (int i = 0; i < 100; i++) {
            serve(CERTIFICATE, SecretName.ofControlPlane("cluster-" + i));
            readiness.configurationChanged(snapshot);
        }
        assertThat(secrets.watched).as("only who waits asks for more").containsOnlyKeys(CERTIFICATE);
        readiness.configurationChanged(MeshSnapshot.EMPTY);
        assertThat(secrets.watched).isEmpty();
    }

    @Test
    void await_secretThatCannotCome_isNotWaitedFor() throws Exception {
        serve(FOREIGN, OWN);
        snapshot = with(snapshot, Map.of(new ResourceName(ResourceName.Kind.SECRET, "own"), "no answer"));
        await(Duration.ZERO);
        assertThat(secrets.watched).isEmpty();
    }

    @Test
    void await_secretOfTheStreamIsOnItsWay_isWaitedFor() {
        serve(OWN);
        assertThatThrownBy(() -> await(Duration.ofMillis(1))).hasMessageContaining("secret own (no token)");
    }

    @Test
    void close_whileSomebodyWaits_endsTheWaitAndTheWatches() throws Exception {
        serve(CERTIFICATE);
        CompletableFuture<Void> waiting = inBackground(Duration.ofSeconds(30));
        secrets.awaitWatch(CERTIFICATE);
        readiness.close();
        assertThatThrownBy(waiting::get).hasMessageContaining("the mesh is closed");
        assertThat(secrets.watched).isEmpty();
    }

    private void await(Duration timeout) throws MeshException, InterruptedException {
        readiness.await(() -> snapshot, System.nanoTime() + timeout.toNanos(), timeout);
    }

    private CompletableFuture<Void> inBackground(Duration timeout) {
        return CompletableFuture.runAsync(() -> {
            try {
                await(timeout);
            } catch (MeshException | InterruptedException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
    }

    private void serve(SecretName... names) {
        List<CertificateSource> certificates = new ArrayList<>();
        for (SecretName each : names) {
            certificates.add(new CertificateSource.Sds(each));
        }
        snapshot = new MeshSnapshot(
                1, Map.of(), Map.of("in", listener(certificates)), Map.of(), Map.of(), Map.of(), Map.of());
    }

    private static InboundListener listener(List<CertificateSource> certificates) {
        TlsContext common =
                new TlsContext(TlsContext.Parameters.DEFAULT, List.copyOf(certificates), null, null, List.of());
        DownstreamTls tls = new DownstreamTls(common, true, false, null, null, true, true, null, false);
        InboundChain chain = new InboundChain("tls", FilterChainMatch.ANY, tls, List.of(), null, null);
        return new InboundListener("in", "0.0.0.0", 80, false, true, false, List.of(chain), null, null);
    }

    private static MeshSnapshot with(MeshSnapshot snapshot, Map<ResourceName, String> absent) {
        return new MeshSnapshot(2, Map.of(), snapshot.inbound(), Map.of(), Map.of(), Map.of(), absent);
    }

    /** Has what is given, and awaits the rest for want of a token. */
    private static final class Secrets implements SecretProvider {
        final Map<SecretName, Consumer<SecretState>> watched = new ConcurrentHashMap<>();

        @Override
        public boolean provides(SecretName name) {
            return !name.equals(FOREIGN);
        }

        @Override
        public Watch watch(SecretName name, Consumer<SecretState> listener) {
            listener.accept(new SecretState.Awaited("no token"));
            watched.put(name, listener);
            return () -> watched.remove(name);
        }

        void awaitWatch(SecretName name) {
            Awaitility.await().until(() -> watched.containsKey(name));
        }

        void give(SecretName name) {
            awaitWatch(name);
            Consumer<SecretState> listener = Objects.requireNonNull(watched.get(name));
            listener.accept(new SecretState.Ready(Secret.Validation.NONE));
        }
    }
}
