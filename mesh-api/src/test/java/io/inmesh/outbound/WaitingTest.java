package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static io.inmesh.outbound.MeshFixture.virtualHost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.Explanation.Verdict;
import io.inmesh.MeshException;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.outbound.MeshFixture.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls that come before their configuration. */
class WaitingTest {
    private final MeshFixture mesh = new MeshFixture().cluster("a", 1);

    @Test
    void firstSnapshot_wakesTheCallsThatWait() {
        Call first = mesh.get("orders").ask();
        Call second = mesh.get("orders").ask();
        assertThat(mesh.transport.attempts).isEmpty();
        mesh.loop.advance(Duration.ofSeconds(19));
        mesh.publish(to("a"));
        assertThat(mesh.transport.attempts)
                .as("woken on their own loop, not by the publisher")
                .isEmpty();
        mesh.loop.run();
        assertThat(mesh.transport.attempts).hasSize(2);
        mesh.transport.attempt(1).answer(200);
        mesh.transport.attempt(2).answer(200);
        assertThat(first.observer().status()).isEqualTo(200);
        assertThat(second.observer().status()).isEqualTo(200);
        assertThat(mesh.loop.timers()).isZero();
        assertThat(mesh.engine.waiting().size()).isZero();
    }

    @Test
    void noSnapshotInTime_failsAndSaysWhatIsMissing() {
        Call call = mesh.get("orders").ask();
        mesh.loop.advance(MeshFixture.PATIENCE);
        assertThat(mesh.transport.attempts).isEmpty();
        assertThat(call.observer().failure).isInstanceOf(MeshException.class);
        assertThat(call.observer().failureMessage())
                .contains(
                        "http://orders",
                        "PT20S",
                        "the first complete snapshot has not come",
                        "hand-made source is not connected",
                        "connection refused",
                        "LISTENER outbound REQUESTED");
        assertThat(mesh.engine.waiting().size()).isZero();
    }

    @Test
    void onDemandName_isAskedForOnceAndAwaited() {
        mesh.publish(to("a"));
        Call first = mesh.get("cart.ondemand").ask();
        Call second = mesh.get("cart.ondemand").ask();
        assertThat(mesh.source.wanted).containsExactly(HandSource.listenerName("cart.ondemand"));
        mesh.publish(to("a"));
        mesh.loop.run();
        assertThat(mesh.transport.attempts)
                .as("a snapshot without the name changes nothing")
                .isEmpty();
        mesh.publish("cart.ondemand", RouteTable.of("routes", VirtualHost.of("any", List.of("*"), to("a"))));
        mesh.loop.run();
        mesh.transport.attempt(1).answer(200);
        mesh.transport.attempt(2).answer(200);
        assertThat(first.observer().status()).isEqualTo(200);
        assertThat(second.observer().facts().explanation().listener()).isEqualTo("cart.ondemand");
    }

    @Test
    void onDemandName_thatDoesNotExist_failsWithTheReason() {
        mesh.publish(to("a"));
        Call call = mesh.get("cart.ondemand").ask();
        mesh.absent.put(HandSource.listenerName("cart.ondemand"), "the server says it does not exist");
        mesh.publish(to("a"));
        mesh.loop.run();
        assertThat(call.observer().failureMessage())
                .contains("LISTENER cart.ondemand does not exist", "the server says", "passthrough");
    }

    @Test
    void onDemandName_thatNeverComes_failsInTime() {
        mesh.publish(to("a"));
        Call call = mesh.get("cart.ondemand").ask();
        mesh.loop.advance(Duration.ofSeconds(10));
        mesh.publish(to("a"));
        mesh.loop.advance(Duration.ofSeconds(10));
        assertThat(call.observer().failureMessage()).contains("LISTENER cart.ondemand has not come");
    }

    @Test
    void cancelWhileWaiting_leavesNothingBehind() {
        Call call = mesh.get("orders").ask();
        call.call().cancel();
        mesh.publish(to("a"));
        mesh.loop.run();
        mesh.loop.advance(Duration.ofMinutes(1));
        assertThat(call.observer().isOver()).isFalse();
        assertThat(mesh.transport.attempts).isEmpty();
        assertThat(mesh.loop.timers()).isZero();
        assertThat(mesh.engine.waiting().size()).isZero();
    }

    @Test
    void close_failsCallsThatWaitAndNewOnesButNotThoseUnderWay() {
        mesh.publish(to("a"));
        Call underWay = mesh.get("orders").ask();
        Call waiting = mesh.get("cart.ondemand").ask();
        mesh.engine.close();
        mesh.loop.run();
        assertThat(waiting.observer().failureMessage()).contains("the mesh is closed");
        assertThat(mesh.get("orders").observer().failureMessage()).contains("the mesh is closed");
        mesh.transport.last().answer(200);
        assertThat(underWay.observer().status()).isEqualTo(200);
        assertThat(mesh.source.closed).isTrue();
        assertThat(mesh.source.released).containsExactly(HandSource.listenerName("cart.ondemand"));
    }

    @Test
    void unknownPort_isRefusedWithWhatToDo() {
        mesh.publish(to("a"));
        Call call = mesh.get("orders:9999").ask();
        assertThat(call.observer().failureMessage())
                .contains("no listener has port 9999", "http://orders:9999", "Mesh.builder().passthrough(...)");
        assertThat(mesh.transport.attempts).isEmpty();
    }

    @Test
    void malformedAuthority_isRefused() {
        mesh.publish(to("a"));
        assertThat(mesh.get("orders:eighty").observer().failureMessage()).contains("'orders:eighty'");
        assertThat(mesh.get("").observer().failureMessage()).contains("names no host");
    }

    @Test
    void newRoutes_leaveCallsUnderWayAlone() {
        mesh.cluster("b", 1).publish(to("a"));
        Call before = mesh.get("orders").ask();
        mesh.clusters.remove("a");
        mesh.publish(to("b"));
        Call after = mesh.get("orders").ask();
        mesh.transport.attempt(1).answer(200);
        mesh.transport.attempt(2).answer(200);
        assertThat(before.observer().facts().explanation().cluster()).isEqualTo("a");
        assertThat(before.observer().status()).isEqualTo(200);
        assertThat(after.observer().facts().explanation().cluster()).isEqualTo("b");
        assertThat(mesh.transport.attempt(1).host().activeRequests().get()).isZero();
    }

    @Test
    void awaitReady_returnsWithTheFirstSnapshotAndOtherwiseSaysWhatIsMissing() throws Exception {
        assertThatThrownBy(() -> mesh.engine.awaitReady(Duration.ofMillis(5)))
                .isInstanceOf(MeshException.class)
                .hasMessageContaining("hand-made source is not connected");
        CompletableFuture<Void> ready = CompletableFuture.runAsync(() -> {
            try {
                mesh.engine.awaitReady(Duration.ofMinutes(1));
            } catch (MeshException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        mesh.publish(virtualHost(to("a")));
        ready.get(30, TimeUnit.SECONDS);
        mesh.engine.awaitReady(Duration.ZERO);
        mesh.engine.close();
        assertThatThrownBy(() -> mesh.engine.awaitReady(Duration.ZERO)).hasMessageContaining("closed");
    }

    @Test
    void explain_beforeConfiguration_saysThatItWaits() {
        assertThat(mesh.engine
                        .explain(new RequestHead("GET", "http", "orders", "/", new Headers()))
                        .verdict())
                .isEqualTo(Verdict.WAITING);
    }
}
