package io.inmesh.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InterestsTest {
    private final HandSource source = new HandSource();
    private final Interests interests = new Interests(source);

    private static ResourceName name(int number) {
        return HandSource.listenerName("service-" + number);
    }

    private void want(int from, int to) {
        for (int i = from; i < to; i++) {
            interests.want(name(i));
        }
    }

    @Test
    void want_sameName_isToldToTheSourceOnce() {
        want(0, 1);
        want(0, 1);
        assertThat(source.wanted).containsExactly(name(0));
        assertThat(source.released).isEmpty();
    }

    @Test
    void want_endlessNames_keepsABoundedNumberTheNewestOnes() {
        want(0, 3 * Interests.MOST_WISHES);
        List<ResourceName> standing = new ArrayList<>(source.wanted);
        standing.removeAll(source.released);
        assertThat(standing)
                .hasSize(Interests.MOST_WISHES)
                .startsWith(name(2 * Interests.MOST_WISHES))
                .endsWith(name(3 * Interests.MOST_WISHES - 1));
    }

    @Test
    void want_aboveTheBound_letsTheOldestGoThatNoCallUses() {
        want(0, Interests.MOST_WISHES);
        Objects.requireNonNull(interests.wish(name(0))).noteUse();
        want(Interests.MOST_WISHES, Interests.MOST_WISHES + 1);
        assertThat(source.released).containsExactly(name(1));
        assertThat(interests.wish(name(1))).isNull();
        interests.want(name(1));
        assertThat(source.wanted).as("wished for anew").endsWith(name(1));
        assertThat(source.released).containsExactly(name(1), name(2));
    }

    @Test
    void want_everyNameInUse_stillLetsOneGo() {
        want(0, Interests.MOST_WISHES);
        for (int i = 0; i < Interests.MOST_WISHES; i++) {
            Objects.requireNonNull(interests.wish(name(i))).noteUse();
        }
        want(Interests.MOST_WISHES, Interests.MOST_WISHES + 1);
        assertThat(source.released).containsExactly(name(0));
    }

    @Test
    void closeAll_releasesEverything() {
        want(0, 3);
        interests.closeAll();
        assertThat(source.released).containsExactlyInAnyOrder(name(0), name(1), name(2));
    }

    @Test
    void call_overAListenerOnDemand_notesItsUse() {
        MeshFixture mesh = new MeshFixture().cluster("a", 1);
        mesh.publish(MeshFixture.to("a"));
        mesh.get("cart.ondemand");
        mesh.publish(
                "cart.ondemand", RouteTable.of("routes", VirtualHost.of("any", List.of("*"), MeshFixture.to("a"))));
        mesh.loop.run();
        for (int i = 0; i < Interests.MOST_WISHES; i++) {
            mesh.engine.interests().want(name(i));
        }
        assertThat(mesh.source.released).containsExactly(name(0));
    }
}
