package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Explanation;
import io.inmesh.Explanation.Verdict;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.filter.FilterFactories;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.outbound.MeshFixture.Call;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private final MeshFixture mesh = new MeshFixture(
                    destination -> destination.host().endsWith(".allowed"),
                    FilterFactories.builtIn(),
                    new SplittableRandom(1))
            .cluster("a", 2);

    private Explanation explain(String authority, String path) {
        return mesh.engine.explain(new RequestHead("GET", "http", authority, path, new Headers()));
    }

    @Test
    void routed_namesEveryStationAndWhy() {
        mesh.publish(to("a"));
        Explanation explanation = explain("orders", "/");
        assertThat(explanation.verdict()).isEqualTo(Verdict.ROUTED);
        assertThat(explanation.listener()).isEqualTo("outbound");
        assertThat(explanation.routeTable()).isEqualTo("routes");
        assertThat(explanation.virtualHost()).isEqualTo("orders-host");
        assertThat(explanation.domain()).isEqualTo("orders");
        assertThat(explanation.route()).isEqualTo("all");
        assertThat(explanation.cluster()).isEqualTo("a");
        assertThat(explanation.toString())
                .startsWith("http://orders:80 is routed: its route leads to a host")
                .contains("endpoint 10.0.0.", "priority 0", "round robin", "among 2 of 2 hosts");
        assertThat(mesh.activeRequests("a")).as("asking counts nothing").isZero();
        assertThat(mesh.transport.attempts).isEmpty();
    }

    @Test
    void askedAndSent_sayTheSame() {
        mesh.cluster("a", 1).publish(to("a"));
        Call call = mesh.get("orders").ask();
        mesh.transport.last().answer(200);
        Explanation asked = explain("orders", "/");
        Explanation sent = call.observer().facts().explanation();
        assertThat(sent).usingRecursiveComparison().ignoringFields("choice").isEqualTo(asked);
        assertThat(sent.toString()).isEqualTo(asked.toString());
    }

    @Test
    void rewrittenAuthority_doesNotChangeTheDomainThatMatched() {
        Forward rewritten = Forward.to("a").with(null, new RouteAction.HostRewrite.Literal("internal"));
        mesh.publish(MeshFixture.route(rewritten));
        Call call = mesh.get("orders").ask();
        assertThat(mesh.transport.last().headAsSent.authority()).isEqualTo("internal");
        mesh.transport.last().answer(200);
        assertThat(call.observer().facts().explanation().domain()).isEqualTo("orders");
    }

    @Test
    void everyOtherVerdict_hasItsReason() {
        mesh.cluster("empty", 0)
                .publish(
                        Route.of("gone", RouteMatch.prefix("/gone"), new RouteAction.DirectResponse(410, "gone")),
                        Route.of("empty", RouteMatch.prefix("/empty"), Forward.to("empty")),
                        Route.of("ghost", RouteMatch.prefix("/ghost"), Forward.to("ghost")));
        assertThat(explain("orders", "/gone").toString()).contains("is answered by the mesh", "410", "route gone");
        assertThat(explain("orders", "/empty").toString()).contains("no host of the cluster may be used");
        assertThat(explain("orders", "/ghost").toString()).contains("cluster ghost does not exist");
        assertThat(explain("orders", "/").toString()).contains("no route of the virtual host");
        assertThat(explain("elsewhere", "/").toString()).contains("no virtual host has the domain elsewhere");
        assertThat(explain("x.direct", "/").verdict()).isEqualTo(Verdict.PASSTHROUGH);
        assertThat(explain("x.allowed", "/").verdict()).isEqualTo(Verdict.PASSTHROUGH);
        assertThat(explain("x.allowed:81", "/").verdict()).isEqualTo(Verdict.PASSTHROUGH);
        assertThat(explain("orders:81", "/").verdict()).isEqualTo(Verdict.REFUSED);
        assertThat(explain("cart.ondemand", "/").verdict()).isEqualTo(Verdict.WAITING);
        assertThat(mesh.source.wanted).as("asking asks nothing of the source").isEmpty();
        mesh.absent.put(HandSource.listenerName("cart.ondemand"), "no such resource");
        mesh.publish(to("a"));
        assertThat(explain("cart.ondemand", "/").toString()).contains("is refused", "no such resource");
    }

    @Test
    void retried_namesTheLastHost() {
        mesh.publish(to("a"));
        Call call =
                mesh.call("GET", "orders", "/", null, "x-envoy-retry-on", "5xx").ask();
        mesh.transport.last().answer(503);
        mesh.loop.advance(java.time.Duration.ofSeconds(1));
        mesh.transport.last().answer(200);
        assertThat(Objects.requireNonNull(call.observer().facts().explanation().host()))
                .isSameAs(mesh.transport.attempt(2).host());
    }
}
