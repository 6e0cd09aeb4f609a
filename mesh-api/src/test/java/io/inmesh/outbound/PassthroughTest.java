package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Explanation.Verdict;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.filter.FilterFactories;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.outbound.MeshFixture.Call;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Calls that go straight to their address, and those that must not. */
class PassthroughTest {
    private final List<Destination> asked = new ArrayList<>();
    private final MeshFixture mesh = new MeshFixture(
                    destination -> {
                        asked.add(destination);
                        return destination.host().endsWith(".allowed");
                    },
                    FilterFactories.builtIn(),
                    new SplittableRandom(1))
            .cluster("a", 1);

    @Test
    void dialectsRule_sendsTheRequestUnchanged() {
        mesh.publish(to("a"));
        RequestHead head = new RequestHead("POST", "https", "x.direct", "/p?q", Headers.of("expect", "100-continue"));
        HandBody body = new HandBody();
        Call call =
                mesh.call(head, body, new CallOptions(null, HttpVersion.HTTP_1)).ask();
        assertThat(mesh.transport.last().target)
                .isEqualTo(new UpstreamTarget.Passthrough("https", "x.direct", 443, HttpVersion.HTTP_1));
        assertThat(mesh.transport.last().headAsSent.headers().size()).isEqualTo(1);
        mesh.transport.last().connect();
        mesh.transport.last().informational(100);
        body.push("abc").end();
        mesh.transport.last().headOf(200, "connection", "keep-alive");
        mesh.transport.last().data("xyz");
        mesh.transport.last().complete(Headers.of("t", "1"));
        assertThat(call.observer().informational).containsExactly(100);
        assertThat(call.observer().connections).isEqualTo(1);
        assertThat(call.observer().header("connection")).isEqualTo("keep-alive");
        assertThat(call.observer().body()).isEqualTo("xyz");
        assertThat(call.observer().trailers).isEqualTo(Headers.of("t", "1"));
        assertThat(call.observer().facts().passthrough()).isTrue();
        assertThat(call.observer().facts().explanation().toString()).contains("goes straight", "the dialect lets");
        assertThat(asked)
                .as("the application is asked only about unknown hosts")
                .isEmpty();
    }

    @Test
    void failure_isTheTransportsOwnException() {
        mesh.publish(to("a"));
        Call call = mesh.get("x.direct").ask();
        mesh.transport.last().reset(ResetReason.CONNECTION_FAILURE, "refused");
        assertThat(call.observer().failure)
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("refused");
    }

    @Test
    void unknownHost_goesStraightOnlyWhereTheApplicationSaidSo() {
        mesh.publish(to("a"));
        mesh.get("api.allowed:9000").ask();
        assertThat(mesh.transport.last().target).isInstanceOf(UpstreamTarget.Passthrough.class);
        mesh.get("api.allowed").ask();
        assertThat(mesh.transport.last().target)
                .as("the listener is known, its virtual hosts do not have the host")
                .isInstanceOf(UpstreamTarget.Passthrough.class);
        assertThat(mesh.get("api.other").ask().observer().status()).isEqualTo(404);
        assertThat(mesh.get("api.other:9000").ask().observer().failureMessage()).contains("no listener");
    }

    /** What the mesh knows and refuses is for no predicate to let go, whatever it says of everything. */
    @Test
    void refusalOfWhatTheMeshKnows_isNotForTheApplicationToLift() {
        MeshFixture open = new MeshFixture(destination -> true, FilterFactories.builtIn(), new SplittableRandom(1))
                .cluster("a", 1)
                .publish(to("a"));
        assertThat(open.get("broken").ask().observer().failureMessage()).startsWith("listener broken cannot be used [");
        assertThat(open.engine
                        .explain(new RequestHead("GET", "http", "broken", "/", new Headers()))
                        .verdict())
                .isEqualTo(Verdict.REFUSED);
        open.get("unknown:81").ask();
        assertThat(open.transport.attempts).hasSize(1);
    }

    /** A name that only DNS leads into the mesh: the call takes the way that a sidecar would have given its connection. */
    @Test
    void nameThatLeadsIntoTheMesh_takesTheListenerThatIsThere() {
        mesh.publish("outbound", RouteTable.of("routes", VirtualHost.of("any", List.of("*"), to("a"))));
        Call call = mesh.post("x.direct");
        call.call().request(3);
        assertThat(call.body().starts).as("the body waits for the way").isZero();
        assertThat(mesh.transport.last().leadsTo("10.96.1.7")).isFalse();
        assertThat(mesh.transport.attempts).hasSize(2);
        assertThat(mesh.transport.last().target).isInstanceOf(UpstreamTarget.ToHost.class);
        mesh.transport.last().connect();
        call.body().push("abc").end();
        assertThat(mesh.transport.last().written()).isEqualTo("abc");
        mesh.transport.last().headOf(200);
        assertThat(mesh.transport.last().demand).as("what was asked for before").isEqualTo(3);
        mesh.transport.last().data("xyz");
        mesh.transport.last().complete(null);
        assertThat(call.observer().body()).isEqualTo("xyz");
        assertThat(call.observer().facts().passthrough()).isFalse();
        assertThat(call.observer().facts().explanation().cluster()).isEqualTo("a");
    }

    @Test
    void nameThatLeadsElsewhere_goesStraight() {
        mesh.publish(to("a"));
        mesh.get("x.direct").ask();
        assertThat(mesh.transport.last().leadsTo("192.0.2.1")).isTrue();
        mesh.transport.last().answer(200);
        assertThat(mesh.transport.attempts).hasSize(1);
    }

    @Test
    void nameThatLeadsIntoTheMesh_andIsRefusedThere_failsWithTheReason() {
        mesh.publish(to("a"));
        for (String host : List.of("x.direct", "api.allowed:81")) {
            Call call = mesh.post(host).ask();
            assertThat(mesh.transport.last().leadsTo("10.96.1.8")).isFalse();
            assertThat(call.observer().failureMessage())
                    .contains(
                            " leads to 10.96.1.8, which is in the mesh: 10.96.1.8 is in the mesh, and has other ports")
                    .doesNotContain("passthrough");
            call.call().cancel();
        }
        assertThat(mesh.transport.attempts).hasSize(2);
    }

    /** There the answer is the mesh's, and asking the application again would lead out, and in again. */
    @Test
    void nameThatLeadsToAListenerWithoutItsHost_isAnsweredByTheMesh() {
        mesh.publish(to("a"));
        Call call = mesh.get("api.allowed").ask();
        assertThat(mesh.transport.last().leadsTo("10.96.1.7")).isFalse();
        assertThat(call.observer().status()).isEqualTo(404);
    }

    /** Through the mesh's route for whatever has none: filters have seen the request, so that it is refused instead of taken back. */
    @Test
    void originalDestinationOfAName_thatLeadsIntoTheMesh_isRefused() {
        mesh.clusters.put(
                "anywhere",
                new ClusterState.Ready(
                        Cluster.of("anywhere", new Discovery.OriginalDestination()), Assignment.empty("anywhere")));
        mesh.publish("outbound", RouteTable.of("routes", VirtualHost.of("any", List.of("*"), to("anywhere"))));
        Call call = mesh.get("alias.example").ask();
        assertThat(mesh.transport.last().leadsTo("10.96.1.8")).isFalse();
        assertThat(mesh.transport.attempts)
                .as("another attempt would come to the same")
                .hasSize(1);
        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().facts().explanation().toString())
                .contains("alias.example_leads_to_10.96.1.8,_which_is_in_the_mesh");
        mesh.get("alias.example").ask();
        assertThat(mesh.transport.last().leadsTo("192.0.2.1")).isTrue();
    }

    @Test
    void beforeConfiguration_nothingGoesStraight() {
        mesh.get("api.allowed").ask();
        mesh.get("x.direct").ask();
        assertThat(mesh.transport.attempts).isEmpty();
        mesh.publish(to("a"));
        mesh.loop.run();
        assertThat(mesh.transport.attempts).hasSize(2);
    }

    @Test
    void cancel_cancelsAttemptAndBody() {
        mesh.publish(to("a"));
        Call call = mesh.post("x.direct").ask();
        mesh.transport.last().connect();
        call.call().cancel();
        call.call().cancel();
        assertThat(mesh.transport.last().cancelled).isTrue();
        assertThat(call.body().cancelled).isTrue();
        assertThat(call.observer().isOver()).isFalse();
    }

    @Test
    void responseBeforeTheEndOfTheRequest_endsTheRequest() {
        mesh.publish(to("a"));
        Call call = mesh.post("x.direct").ask();
        mesh.transport.last().answer(413);
        assertThat(call.observer().completed).isTrue();
        assertThat(call.body().cancelled).isTrue();
        assertThat(mesh.transport.last().cancelled).isTrue();
    }
}
