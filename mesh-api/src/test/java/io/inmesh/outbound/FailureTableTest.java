package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.route;
import static io.inmesh.outbound.MeshFixture.timeout;
import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Explanation.Verdict;
import io.inmesh.MeshException;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.outbound.MeshFixture.Call;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a failure looks like on a meshed route: a row for each, with status, body, flag and details as Envoy gives them. */
class FailureTableTest {
    private final MeshFixture mesh = new MeshFixture().cluster("a", 1);

    private static void assertReply(Call call, int status, String body, String details, ResponseFlag... flags) {
        RecordingObserver observer = call.ask().observer();
        assertThat(observer.completed).isTrue();
        assertThat(observer.status()).isEqualTo(status);
        assertThat(observer.body()).isEqualTo(body);
        assertThat(observer.facts().details()).isEqualTo(details);
        assertThat(observer.facts().flags()).containsExactlyInAnyOrder(flags);
        assertThat(observer.facts().passthrough()).isFalse();
        assertThat(observer.facts().explanation().verdict()).isEqualTo(Verdict.ANSWERED);
    }

    @Test
    void noVirtualHost_is404Nr() {
        mesh.publish(to("a"));
        Call call = mesh.get("elsewhere");
        assertReply(call, 404, "", "route_not_found", ResponseFlag.NO_ROUTE_FOUND);
        assertThat(call.observer().facts().explanation().toString())
                .contains("no virtual host has the domain elsewhere", "listener outbound");
    }

    @Test
    void noRoute_is404Nr() {
        mesh.publish(Route.of("only", RouteMatch.prefix("/only"), Forward.to("a")));
        Call call = mesh.get("orders");
        assertReply(call, 404, "", "route_not_found", ResponseFlag.NO_ROUTE_FOUND);
        assertThat(call.observer().facts().explanation().toString())
                .contains("no route of the virtual host", "domain orders");
    }

    @Test
    void noRouteTable_is404NrAndSaysWhichTable() {
        mesh.publish("outbound", io.inmesh.model.RouteTable.of("another"));
        Call call = mesh.get("orders");
        assertReply(call, 404, "", "route_not_found", ResponseFlag.NO_ROUTE_FOUND);
        assertThat(call.observer().facts().explanation().toString()).contains("route table routes is not there");
    }

    @ParameterizedTest
    @CsvSource({"503", "404"})
    void noCluster_isNcWithTheRoutesStatus(int status) {
        Forward forward = Forward.to("ghost");
        mesh.publish(route(new Forward(
                forward.cluster(), status, null, null, false, forward.timeouts(), null, false, java.util.List.of())));
        Call call = mesh.get("orders");
        assertReply(call, status, "", "cluster_not_found", ResponseFlag.NO_CLUSTER_FOUND);
        assertThat(call.observer().facts().explanation().toString()).contains("cluster ghost does not exist");
    }

    @Test
    void noClusterHeader_isNc() {
        mesh.publish(route(Forward.to(new ClusterChoice.FromHeader("x-cluster"))));
        assertReply(mesh.get("orders"), 503, "", "cluster_not_found", ResponseFlag.NO_CLUSTER_FOUND);
        Call call = mesh.call("GET", "orders", "/", null, "x-cluster", "a");
        mesh.transport.last().answer(200);
        assertThat(call.observer().status()).isEqualTo(200);
    }

    @Test
    void noHost_is503Uh() {
        mesh.cluster("empty", 0).publish(to("empty"));
        assertReply(
                mesh.get("orders"),
                503,
                "no healthy upstream",
                "no_healthy_upstream",
                ResponseFlag.NO_HEALTHY_UPSTREAM);
    }

    @Test
    void failedCluster_is503UhAndSaysWhy() {
        mesh.clusters.put("bad", new ClusterState.Failed("EDS never came"));
        mesh.publish(to("bad"));
        Call call = mesh.get("orders");
        assertReply(call, 503, "no healthy upstream", "no_healthy_upstream", ResponseFlag.NO_HEALTHY_UPSTREAM);
        assertThat(call.observer().facts().explanation().toString()).contains("EDS never came");
    }

    @ParameterizedTest
    @CsvSource({
        "OVERFLOW,503,overflow,UPSTREAM_OVERFLOW",
        "CONNECTION_FAILURE,503,remote connection failure,UPSTREAM_CONNECTION_FAILURE",
        "CONNECTION_TIMEOUT,503,connection timeout,UPSTREAM_CONNECTION_FAILURE",
        "CONNECTION_TERMINATION,503,connection termination,UPSTREAM_CONNECTION_TERMINATION",
        "REMOTE_RESET,503,remote reset,UPSTREAM_REMOTE_RESET",
        "REMOTE_REFUSED_STREAM,503,remote refused stream reset,UPSTREAM_REMOTE_RESET",
        "PROTOCOL_ERROR,502,protocol error,UPSTREAM_PROTOCOL_ERROR",
        "LOCAL_RESET,503,local reset,LOCAL_RESET"
    })
    void resetBeforeHead_isAnsweredWithItsFlag(ResetReason reason, int status, String words, ResponseFlag flag) {
        mesh.publish(to("a"));
        Call call = mesh.get("orders");
        mesh.transport.last().reset(reason, "");
        assertReply(
                call,
                status,
                "upstream connect error or disconnect/reset before headers. reset reason: " + words,
                "upstream_reset_before_response_started{" + words.replace(' ', '_') + "}",
                flag);
        assertThat(call.observer().header("x-envoy-overloaded"))
                .isEqualTo(reason == ResetReason.OVERFLOW ? "true" : null);
        assertThat(call.observer().facts().explanation().host()).isNotNull();
        assertThat(mesh.activeRequests("a")).isZero();
    }

    @Test
    void timeout_is504Ut() {
        mesh.publish(to("a", timeout(Duration.ofSeconds(2)), null));
        Call call = mesh.get("orders");
        mesh.loop.advance(Duration.ofMillis(1999));
        assertThat(call.observer().isOver()).isFalse();
        mesh.loop.advance(Duration.ofMillis(1));
        assertReply(call, 504, "upstream request timeout", "response_timeout", ResponseFlag.UPSTREAM_REQUEST_TIMEOUT);
        assertThat(mesh.transport.last().cancelled).isTrue();
    }

    @Test
    void directResponse_isAnsweredWithoutFlag() {
        mesh.publish(route(new RouteAction.DirectResponse(418, "short and stout")));
        Call call = mesh.get("orders");
        assertReply(call, 418, "short and stout", "direct_response");
        assertThat(call.observer().header("content-length")).isEqualTo("15");
        assertThat(call.observer().header("content-type")).isEqualTo("text/plain");
    }

    @Test
    void redirect_isAnsweredWithItsLocation() {
        mesh.publish(route(new RouteAction.Redirect(false, null, "new.example", 0, null, 302, false)));
        Call call = mesh.get("orders");
        assertReply(call, 302, "", "direct_response");
        assertThat(call.observer().header("location")).isEqualTo("http://new.example/");
    }

    @Test
    void nonForwardingRoute_is404Nr() {
        mesh.publish(route(new RouteAction.NonForwarding()));
        assertReply(mesh.get("orders"), 404, "", "route_not_found", ResponseFlag.NO_ROUTE_FOUND);
    }

    @Test
    void localBody_waitsUntilItIsAskedFor() {
        mesh.publish(route(new RouteAction.DirectResponse(200, "hello")));
        Call call = mesh.get("orders");
        assertThat(call.observer().status()).isEqualTo(200);
        assertThat(call.observer().isOver()).isFalse();
        call.call().request(1);
        assertThat(call.observer().body()).isEqualTo("hello");
        assertThat(call.observer().completed).isTrue();
    }

    @Test
    void head_getsNoLocalBody() {
        mesh.publish(route(new RouteAction.DirectResponse(200, "hello")));
        Call call = mesh.call("HEAD", "orders", "/", null);
        assertThat(call.observer().completed).isTrue();
        assertThat(call.observer().body()).isEmpty();
    }

    @Test
    void grpcRequest_isAnsweredInGrpcsForm() {
        mesh.cluster("empty", 0).publish(to("empty"));
        Call call = mesh.call("POST", "orders", "/shop.Orders/Get", new HandBody(), "content-type", "application/grpc");
        assertThat(call.observer().status()).isEqualTo(200);
        assertThat(call.observer().header("grpc-status")).isEqualTo("14");
        assertThat(call.observer().completed).isTrue();
    }

    @Test
    void resetAfterHead_endsTheBodyWithAFailureThatNamesEverything() {
        mesh.publish(to("a"));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().headOf(200);
        mesh.transport.last().data("half");
        mesh.transport.last().reset(ResetReason.CONNECTION_TERMINATION, "connection closed by peer");
        assertThat(call.observer().status()).isEqualTo(200);
        assertThat(call.observer().completed).isFalse();
        assertThat(call.observer().failure).isInstanceOf(MeshException.class);
        assertThat(call.observer().failureMessage())
                .contains("connection closed by peer", "(UC)", "orders", "route all", "cluster a", "10.0.0.1:8080");
        assertThat(mesh.activeRequests("a")).isZero();
    }

    @Test
    void timeoutAfterHead_endsTheBodyWithAFailure() {
        mesh.publish(to("a"));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().headOf(200);
        mesh.loop.advance(Duration.ofSeconds(15));
        assertThat(call.observer().failureMessage()).contains("(UT)", "timeout");
        assertThat(mesh.transport.last().cancelled).isTrue();
    }

    @Test
    void failedRequestBody_isTheApplicationsOwnException() {
        mesh.publish(to("a"));
        Call call = mesh.post("orders");
        IllegalStateException cause = new IllegalStateException("no more pages");
        call.body().fail(cause);
        assertThat(call.observer().failure).isSameAs(cause);
        assertThat(mesh.transport.last().cancelled).isTrue();
        assertThat(mesh.activeRequests("a")).isZero();
    }
}
