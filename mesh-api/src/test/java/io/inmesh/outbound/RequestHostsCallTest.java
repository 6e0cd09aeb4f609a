package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.route;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Explanation;
import io.inmesh.Explanation.Verdict;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.Discovery.DynamicForwardProxy;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.HostRewrite;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.outbound.MeshFixture.Call;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls to clusters whose requests name their hosts: PassthroughCluster, dynamic forward proxies; and to one without hosts, BlackHoleCluster. */
class RequestHostsCallTest {
    private final MeshFixture mesh = new MeshFixture();

    private void publish(Discovery discovery, Forward action) {
        mesh.clusters.put("c", new ClusterState.Ready(Cluster.of("c", discovery), Assignment.empty("c")));
        mesh.publish("outbound", RouteTable.of("routes", VirtualHost.of("allow_any", List.of("*"), route(action))));
    }

    private static RequestHead get(String authority) {
        return new RequestHead("GET", "http", authority, "/", new Headers());
    }

    @Test
    void originalDestination_goesWhereTheApplicationWanted() {
        publish(new OriginalDestination(), Forward.to("c"));
        Call call = mesh.get("elsewhere.example").ask();
        assertThat(mesh.transport.last().host()).hasToString("elsewhere.example:80");
        assertThat(mesh.transport.last().headAsSent.authority()).isEqualTo("elsewhere.example");
        mesh.transport.last().answer(200);

        assertThat(call.observer().status()).isEqualTo(200);
        assertThat(call.observer().facts().explanation().toString())
                .contains(
                        "http://elsewhere.example:80 is routed",
                        "cluster c",
                        "endpoint elsewhere.example:80",
                        "chosen by the request, which names its host (the cluster has 1 of them)");
        assertThat(mesh.activeRequests("c")).isZero();
    }

    @Test
    void explain_saysWhereItWouldGoAndMakesNoHost() {
        publish(new OriginalDestination(), Forward.to("c"));
        Explanation explanation = mesh.engine.explain(get("elsewhere.example"));

        assertThat(explanation.verdict()).isEqualTo(Verdict.ROUTED);
        assertThat(explanation.toString()).contains("endpoint elsewhere.example:80");
        assertThat(mesh.engine.clusters().get("c").hosts()).isEmpty();
    }

    @Test
    void forwardProxy_goesWhereTheRouteHasRewrittenTo() {
        Forward rewriting = Forward.to("c").with(null, new HostRewrite.Literal("Other.Example:8081"));
        publish(new DynamicForwardProxy(), rewriting);
        mesh.get("elsewhere.example").ask();

        assertThat(mesh.transport.last().host()).hasToString("other.example:8081");
        assertThat(mesh.transport.last().headAsSent.authority()).isEqualTo("Other.Example:8081");
        assertThat(mesh.engine.explain(get("elsewhere.example")).toString())
                .contains("endpoint other.example:8081", "domain *");
    }

    @Test
    void retry_staysWithTheHostThatTheRequestNames() {
        RetryPolicy policy = RetryPolicy.of(2, Condition.CONNECT_FAILURE);
        publish(new OriginalDestination(), Forward.to("c").with(new Timeouts(null, null, null), policy));
        Call call = mesh.get("elsewhere.example").ask();
        mesh.transport.attempt(1).reset(ResetReason.CONNECTION_FAILURE, "refused");
        mesh.loop.advance(Duration.ofSeconds(1));
        assertThat(mesh.transport.attempt(2).host())
                .isSameAs(mesh.transport.attempt(1).host());
        mesh.transport.attempt(2).answer(200);

        assertThat(call.observer().status()).isEqualTo(200);
    }

    @Test
    void unresolvedName_isAnsweredAsByEnvoyAndNotTriedAgain() {
        RetryPolicy policy = RetryPolicy.of(2, Condition.CONNECT_FAILURE, Condition.FIVE_XX, Condition.RESET);
        publish(new DynamicForwardProxy(), Forward.to("c").with(new Timeouts(null, null, null), policy));
        Call call = mesh.get("nowhere.invalid").ask();
        mesh.transport.last().reset(ResetReason.RESOLUTION_FAILURE, "nowhere.invalid: not known");
        mesh.loop.advance(Duration.ofSeconds(1));

        assertThat(mesh.transport.attempts).hasSize(1);
        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().body()).isEqualTo("DNS resolution failure");
        assertThat(call.observer().facts().details()).isEqualTo("dns_resolution_failure{nowhere.invalid:_not_known}");
        assertThat(call.observer().facts().flags()).containsExactly(ResponseFlag.DNS_RESOLUTION_FAILED);
    }

    @Test
    void tooManyHosts_isAnsweredAsByEnvoy() {
        publish(
                new DynamicForwardProxy(
                        DnsFamily.AUTO,
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(5),
                        1),
                Forward.to("c"));
        mesh.get("a.example").ask();
        Call call = mesh.get("b.example").ask();

        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().body()).isEqualTo("DNS cache overflow");
        assertThat(call.observer().facts().details()).isEqualTo("dns_cache_overflow");
        assertThat(call.observer().facts().flags()).isEmpty();
        assertThat(call.observer().facts().explanation().toString())
                .contains("no place for the host that the request names");
        assertThat(mesh.engine.explain(get("a.example")).verdict()).isEqualTo(Verdict.ROUTED);
    }

    @Test
    void blackHole_hasNoHost() {
        publish(new Discovery.Static(), Forward.to("c"));
        Call call = mesh.get("elsewhere.example").ask();

        assertThat(call.observer().status()).isEqualTo(503);
        assertThat(call.observer().body()).isEqualTo("no healthy upstream");
        assertThat(call.observer().facts().details()).isEqualTo("no_healthy_upstream");
        assertThat(call.observer().facts().flags()).containsExactly(ResponseFlag.NO_HEALTHY_UPSTREAM);
        assertThat(mesh.transport.attempts).isEmpty();
    }
}
