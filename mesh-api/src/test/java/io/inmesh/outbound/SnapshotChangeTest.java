package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamListener;
import io.inmesh.outbound.MeshFixture.Call;
import org.junit.jupiter.api.Test;

/** A snapshot takes effect as a whole or not at all. */
class SnapshotChangeTest {
    private final MeshFixture mesh = new MeshFixture().cluster("a", 1);

    @Test
    void snapshotThatCannotBeCompiled_changesNothing() {
        mesh.publish(to("a"));
        mesh.source.mistake = new IllegalStateException("provoked");
        mesh.cluster("a", 3).cluster("b", 1).publish(to("b"));
        assertThat(mesh.engine.snapshot().generation()).isEqualTo(1);
        assertThat(mesh.engine.clusters().get("a").hosts()).hasSize(1);
        assertThat(mesh.engine.clusters().get("b").status()).isEqualTo(UpstreamCluster.Status.UNKNOWN);

        mesh.source.mistake = null;
        mesh.publish(to("b"));
        Call call = mesh.get("orders").ask();
        mesh.transport.attempt(1).answer(200);
        assertThat(call.observer().facts().explanation().cluster()).isEqualTo("b");
    }

    @Test
    void listenerOfHostsThatThrows_doesNotKeepTheRestOfTheSnapshotBack() {
        mesh.cluster("b", 2).publish(to("a"));
        mesh.engine.clusters().addListener(new UpstreamListener() {
            @Override
            public void hostRetired(UpstreamCluster cluster, Host host) {
                throw new IllegalStateException("provoked");
            }

            @Override
            public void connectionsOutdated(UpstreamCluster cluster) {
                throw new IllegalStateException("provoked");
            }
        });
        mesh.cluster("a", 0).cluster("b", 1).cluster("c", 1).publish(to("c"));
        assertThat(mesh.engine.snapshot().generation()).isEqualTo(2);
        assertThat(mesh.engine.clusters().get("a").hosts()).isEmpty();
        assertThat(mesh.engine.clusters().get("b").hosts()).hasSize(1);
        assertThat(mesh.engine.clusters().get("c").hosts()).hasSize(1);
    }
}
