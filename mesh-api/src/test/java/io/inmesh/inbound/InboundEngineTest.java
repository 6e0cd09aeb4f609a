package io.inmesh.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.MeshException;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.NetworkFilter;
import io.inmesh.filter.NetworkFilterFactory;
import io.inmesh.inbound.Server.Exchange;
import io.inmesh.model.ClientRules;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HeaderMutation;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.LevelRules;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.DirectResponse;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.snapshot.Dialect.BoundAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InboundEngineTest {
    private static final Route TO_APPLICATION = route("/", Forward.to("inbound|8080||"));

    @Test
    void connection_beforeConfiguration_isRefusedAndTheStatusSaysWhatIsAwaited() {
        Server server = new Server();
        assertThat(server.port.choose(Server.arrival())).isInstanceOf(ChainChoice.Refused.class);
        assertThat(server.port.status()).contains("10.0.0.1:8080", "waits for its configuration");
        assertThatThrownBy(() -> server.port.awaitReady(Duration.ZERO))
                .isInstanceOf(MeshException.class)
                .hasMessageContaining("10.0.0.1:8080")
                .hasMessageContaining("connection refused");
    }

    @Test
    void connection_noListenerForThePort_isRefusedWithTheDialectsReason() {
        Server server = new Server().publish((InboundListener) null);
        assertThat(server.port.choose(Server.arrival()))
                .isEqualTo(new ChainChoice.Refused("no listener has port 8080"));
        assertThat(server.port.status()).contains("no listener has port 8080");
    }

    @Test
    void port_whoseListenerMustBeAskedFor_asksOnceAndLetsGoAtTheEnd() {
        Server server = new Server();
        InboundPort nine = server.engine.port(new BoundAddress("0.0.0.0", 9));
        server.publish((InboundListener) null);
        server.publish((InboundListener) null);
        assertThat(server.source.wanted).containsExactly(ServerSource.NINE);
        assertThat(nine.status()).contains("waits for", "nine");
        nine.close();
        assertThat(server.source.released).containsExactly(ServerSource.NINE);
    }

    @Test
    void request_toTheApplication_getsTheRoutesRewritesAndTheResponseItsTime() throws Exception {
        Server server = new Server()
                .chain(
                        "app",
                        FilterChainMatch.ANY,
                        route("/api", Forward.to("app").with(new PathRewrite.Prefix("/v2"), null)))
                .publish();
        server.port.awaitReady(Duration.ZERO);
        Exchange exchange = server.get("/api/x");
        assertThat(exchange.accepted().path()).isEqualTo("/v2/x");
        assertThat(exchange.accepted().headers().get("x-envoy-expected-rq-timeout-ms"))
                .isEqualTo("15000");
        server.loop.advance(Duration.ofMillis(7));
        exchange.request.respond(new ResponseHead(200, new Headers()));
        assertThat(exchange.response().status()).isEqualTo(200);
        assertThat(exchange.response().headers().get("x-envoy-upstream-service-time"))
                .isEqualTo("7");
        assertThat(exchange.reply).isNull();
        exchange.request.end();
        assertThat(server.loop.timers()).isZero();
    }

    @Test
    void request_withoutRoute_is404AndTheApplicationNeverHearsOfIt() {
        Server server = new Server()
                .chain("app", FilterChainMatch.ANY, route("/api", Forward.to("app")))
                .publish();
        Exchange exchange = server.get("/other");
        assertThat(exchange.accepted).isNull();
        assertThat(exchange.response().status()).isEqualTo(404);
        assertThat(exchange.request.info().flags()).containsExactly(ResponseFlag.NO_ROUTE_FOUND);
    }

    @Test
    void request_ofGrpcWithoutRoute_isAnsweredInItsForm() {
        Server server = new Server().chain("app", FilterChainMatch.ANY).publish();
        Exchange exchange = server.get("/x", "content-type", "application/grpc");
        assertThat(exchange.response().status()).isEqualTo(200);
        assertThat(exchange.response().headers().get("grpc-status")).isEqualTo("12");
    }

    @Test
    void request_ofADirectResponse_isAnswered() {
        Server server = new Server()
                .chain("app", FilterChainMatch.ANY, route("/", new DirectResponse(418, "short and stout")))
                .publish();
        Exchange exchange = server.get("/x");
        assertThat(exchange.response().status()).isEqualTo(418);
        assertThat(exchange.reply().body()).isEqualTo("short and stout");
    }

    @Test
    void request_ofANonForwardingRoute_isTheApplications() {
        Server server = new Server()
                .chain("app", FilterChainMatch.ANY, route("/", new RouteAction.NonForwarding()))
                .publish();
        assertThat(server.get("/x").accepted().path()).isEqualTo("/x");
    }

    @Test
    void request_thatTheApplicationDoesNotAnswer_is504AndItsLateAnswerIsNotWanted() {
        Server server = new Server()
                .chain("app", FilterChainMatch.ANY, route("/", timeout(Duration.ofSeconds(2))))
                .publish();
        Exchange exchange = server.get("/x");
        server.loop.advance(Duration.ofSeconds(3));
        assertThat(exchange.response().status()).isEqualTo(504);
        assertThat(exchange.reply().body()).isEqualTo("upstream request timeout");
        assertThat(exchange.request.info().flags()).containsExactly(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT);
        exchange.request.respond(new ResponseHead(200, new Headers()));
        assertThat(exchange.response().status()).isEqualTo(504);
    }

    @Test
    void routeTimeout_ofARequestWithABody_countsFromItsEnd() {
        Server server = new Server()
                .chain("app", FilterChainMatch.ANY, route("/", timeout(Duration.ofSeconds(2))))
                .publish();
        Exchange exchange = server.request(server.connect(), "POST", "/x", false);
        server.loop.advance(Duration.ofSeconds(5));
        assertThat(exchange.response).isNull();
        exchange.request.requestEnded();
        server.loop.advance(Duration.ofSeconds(2));
        assertThat(exchange.response().status()).isEqualTo(504);
    }

    @Test
    void request_whoseBodyDoesNotCome_is408() {
        Server server = new Server();
        server.requestTimeout = Duration.ofSeconds(1);
        server.chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        Exchange exchange = server.request(server.connect(), "POST", "/x", false);
        server.loop.advance(Duration.ofSeconds(1));
        assertThat(exchange.response().status()).isEqualTo(408);
    }

    @Test
    void stream_idle_is504BeforeTheResponseAndBrokenOffAfterIt() {
        Server server = new Server();
        server.streamIdle = Duration.ofSeconds(1);
        server.chain("app", FilterChainMatch.ANY, route("/", timeout(null))).publish();
        Exchange silent = server.get("/x");
        Exchange begun = server.get("/x");
        begun.request.respond(new ResponseHead(200, new Headers()));
        server.loop.advance(Duration.ofMillis(900));
        begun.request.active();
        server.loop.advance(Duration.ofMillis(900));
        assertThat(silent.response().status()).isEqualTo(504);
        assertThat(silent.request.info().flags()).containsExactly(ResponseFlag.STREAM_IDLE_TIMEOUT);
        assertThat(begun.reset).isNull();
        server.loop.advance(Duration.ofMillis(100));
        assertThat(begun.reset).isEqualTo("stream_idle_timeout");
    }

    @Test
    void connection_withoutARequestForItsIdleTimeout_isDrained() {
        Server server = new Server();
        server.client = ClientRules.DEFAULT.withConnectionLimits(Duration.ofSeconds(10), null);
        server.chain("app", FilterChainMatch.ANY, route("/", timeout(null))).publish();
        AtomicInteger drained = new AtomicInteger();
        InboundConnection connection = server.connect();
        connection.onDrain(drained::incrementAndGet);
        connection.limit(server.loop);

        server.loop.advance(Duration.ofSeconds(9));
        Exchange one = server.request(connection, "GET", "/x", true);
        Exchange two = server.request(connection, "GET", "/x", true);
        server.loop.advance(Duration.ofSeconds(20));
        one.request.end();
        one.request.end();
        server.loop.advance(Duration.ofSeconds(20));
        two.request.end();
        server.loop.advance(Duration.ofMillis(9999));
        assertThat(drained).hasValue(0);
        server.loop.advance(Duration.ofMillis(1));
        assertThat(drained).hasValue(1);
        assertThat(server.loop.timers()).isZero();
    }

    @Test
    void connection_neverUsed_isDrainedAndOneThatIsClosedIsForgotten() {
        Server server = new Server();
        server.client = ClientRules.DEFAULT.withConnectionLimits(Duration.ofSeconds(10), Duration.ofSeconds(60));
        server.chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        AtomicInteger drained = new AtomicInteger();
        InboundConnection unused = server.connect();
        unused.onDrain(drained::incrementAndGet);
        unused.limit(server.loop);
        InboundConnection closed = server.connect();
        closed.limit(server.loop);
        closed.closed();

        server.loop.advance(Duration.ofSeconds(10));

        assertThat(drained).hasValue(1);
        assertThat(server.loop.timers()).isZero();
    }

    @Test
    void connection_olderThanItsMaxDuration_isDrainedThoughItIsBusy() {
        Server server = new Server();
        server.client = ClientRules.DEFAULT.withConnectionLimits(null, Duration.ofSeconds(10));
        server.chain("app", FilterChainMatch.ANY, route("/", timeout(null))).publish();
        AtomicInteger drained = new AtomicInteger();
        InboundConnection connection = server.connect();
        connection.onDrain(drained::incrementAndGet);
        connection.limit(server.loop);
        Exchange exchange = server.request(connection, "GET", "/x", true);

        server.loop.advance(Duration.ofMillis(9999));
        assertThat(drained).hasValue(0);
        server.loop.advance(Duration.ofMillis(1));
        assertThat(drained).hasValue(1);

        exchange.request.respond(new ResponseHead(200, new Headers()));
        assertThat(exchange.response().status()).isEqualTo(200);
    }

    @Test
    void filter_thatCannotBeUsed_refusesTheChainUnlessItIsOff() {
        FilterConfig.Refused refused = new FilterConfig.Refused("x", "not supported");
        Server server = new Server()
                .chain(
                        "app",
                        FilterChainMatch.ANY,
                        List.of(),
                        List.of(new HttpFilterConfig("x", refused, false)),
                        TO_APPLICATION)
                .publish();
        assertThat(server.port.choose(Server.arrival()))
                .isEqualTo(new ChainChoice.Refused("filter chain app: HTTP filter \"x\": not supported"));
        Route on = new Route(
                "on",
                RouteMatch.prefix("/on"),
                Forward.to("app"),
                new LevelRules(HeaderMutation.NONE, HeaderMutation.NONE, Map.of("x", new FilterOverride(null, false))),
                -1,
                Map.of());
        server.chain(
                        "app",
                        FilterChainMatch.ANY,
                        List.of(),
                        List.of(new HttpFilterConfig("x", refused, true)),
                        on,
                        TO_APPLICATION)
                .publish();
        assertThat(server.get("/off").accepted().path()).isEqualTo("/off");
        assertThat(server.get("/on").response().status()).isEqualTo(500);
    }

    @Test
    void chain_thatIsUnusableOrEndsElsewhere_refusesItsConnectionsAndTheStatusSaysWhy() {
        Server server = new Server()
                .chain(new InboundChain("broken", FilterChainMatch.ANY, null, List.of(), null, "rbac: no such thing"))
                .publish();
        assertThat(server.port.choose(Server.arrival()))
                .isEqualTo(new ChainChoice.Refused("filter chain broken: rbac: no such thing"));
        assertThat(server.port.status()).contains("0 of 1", "broken", "rbac: no such thing");
        server.chain(new InboundChain("tcp", FilterChainMatch.ANY, null, List.of(), null, null))
                .publish();
        assertThat(server.port.choose(Server.arrival())).isInstanceOf(ChainChoice.Refused.class);
    }

    @Test
    void networkFilter_withoutFactory_refusesTheChain() {
        Server server = new Server()
                .chain(
                        "app",
                        FilterChainMatch.ANY,
                        List.of(new NetworkFilterConfig("gate", new Gate("10.0.0.7"))),
                        List.of(),
                        TO_APPLICATION)
                .publish();
        assertThat(server.port.choose(Server.arrival())).isInstanceOf(ChainChoice.Refused.class);
    }

    @Test
    void networkFilter_thatObjects_refusesTheConnectionAfterTheHandshake() {
        Server server = gated("10.0.0.8").publish();
        assertThat(server.connect().refusal()).isEqualTo("closed for 10.0.0.7");
    }

    @Test
    void networkFilter_whatItFindsOut_isThereForEachRequest() {
        Server server = gated("10.0.0.7").publish();
        InboundConnection connection = server.connect();
        assertThat(connection.refusal()).isNull();
        Exchange exchange = server.request(connection, "GET", "/", true);
        assertThat(exchange.request.info().filterState("gate")).isEqualTo("open");
    }

    @Test
    void request_onALongConnection_takesTheNewestRoutes() {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        InboundConnection connection = server.connect();
        AtomicInteger drained = drains(connection);
        server.chain("app", FilterChainMatch.ANY, route("/", new DirectResponse(403, "closed")))
                .publish();
        assertThat(server.request(connection, "GET", "/", true).response().status())
                .isEqualTo(403);
        assertThat(drained).hasValue(0);
    }

    @Test
    void connection_whoseChainIsGone_isDrainedOnce() {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        InboundConnection open = server.connect();
        InboundConnection closed = server.connect();
        AtomicInteger ofOpen = drains(open);
        AtomicInteger ofClosed = drains(closed);
        closed.closed();
        server.publish((InboundListener) null);
        server.publish((InboundListener) null);
        assertThat(ofOpen).hasValue(1);
        assertThat(ofClosed).hasValue(0);
        assertThat(drains(open)).hasValue(0);
    }

    /** Envoy drains whatever chain is not the same message any more. Secrets by SDS are no part of it. */
    @Test
    void connection_whosePeerWouldBeAskedForMore_isDrained() {
        Server server = new Server();
        server.tls = tls("web", "batch");
        server.chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        AtomicInteger drained = drains(server.connect());
        server.tls = tls("web", "batch");
        server.chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        assertThat(drained).hasValue(0);

        server.tls = tls("web");
        server.chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        assertThat(drained).hasValue(1);
    }

    private static DownstreamTls tls(String... names) {
        Secret.Validation validation = new Secret.Validation(
                null,
                false,
                null,
                Stream.of(names)
                        .map(name -> new SubjectAltNameMatcher(
                                SubjectAltNameMatcher.Type.URI, new StringMatcher.Exact("spiffe://" + name, false), ""))
                        .toList(),
                List.of(),
                List.of(),
                null,
                false,
                false,
                false,
                -1);
        TlsContext common = new TlsContext(
                TlsContext.Parameters.DEFAULT, List.of(), validation, SecretName.ofControlPlane("roots"), List.of());
        return new DownstreamTls(common, true, false, null, null, true, true, null, false);
    }

    @Test
    void connection_whoseNetworkFiltersChange_isDrained() {
        Server server = gated("10.0.0.7").publish();
        AtomicInteger drained = drains(server.connect());
        gate(server, "10.0.0.8").publish();
        assertThat(drained).hasValue(1);
    }

    /** The first field is what a client says, the last what the proxy before this server has seen. */
    @Test
    void forwardedFor_inSeveralFields_isOne() {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();

        Exchange exchange = server.get("/x", "x-forwarded-for", "10.0.0.5", "a", "b", "x-forwarded-for", "6.6.6.6");

        assertThat(exchange.request.info().remoteAddress()).hasToString("6.6.6.6");
        assertThat(exchange.accepted().headers().all("x-forwarded-for")).containsExactly("10.0.0.5,6.6.6.6");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"HTTP/2 | a=1; b=2; c=3", "HTTP/1.1 | a=1", "HTTP/1.0 | a=1"})
    void cookie_inCrumbs_isJoinedOverHttp2(String protocol, String first) {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();

        Exchange exchange = server.request(
                protocol, server.connect(), "GET", "/x", true, "cookie", "a=1", "cookie", "b=2", "cookie", "c=3");

        assertThat(exchange.accepted().headers().get("cookie")).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({"HTTP/1.1, /", "HTTP/1.1, ''", "HTTP/2, /admin"})
    void connect_leadsNowhere(String protocol, String path) {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();

        Exchange exchange = server.request(protocol, server.connect(), "CONNECT", path, false);

        assertThat(exchange.accepted).isNull();
        assertThat(exchange.response().status()).isEqualTo(404);
    }

    /** Nobody tells a chain that is gone of what is forbidden since. */
    @Test
    void connection_whoseChainIsGone_isAnswered503OnceItsTimeIsOver() {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        InboundConnection connection = server.connect();
        server.loop.advance(Duration.ofHours(1));
        assertThat(connection.isIdle()).isTrue();
        Exchange underWay = server.request(connection, "GET", "/x", true);
        assertThat(underWay.accepted).isNotNull();
        assertThat(connection.isRetired()).isFalse();
        assertThat(connection.isIdle()).isFalse();

        server.publish((InboundListener) null);
        assertThat(connection.isRetired()).isTrue();
        server.loop.advance(InboundConnection.DRAIN_TIMEOUT.minusMillis(1));
        Exchange inTime = server.request(connection, "GET", "/x", true);
        assertThat(inTime.accepted).isNotNull();
        server.loop.advance(Duration.ofMillis(1));
        Exchange late = server.request(connection, "GET", "/x", true);

        assertThat(late.accepted).isNull();
        assertThat(late.response().status()).isEqualTo(503);
        assertThat(late.request.info().responseCodeDetails()).isEqualTo("filter_chain_gone");
        underWay.request.respond(new ResponseHead(200, new Headers()));
        assertThat(underWay.response().status()).isEqualTo(200);
    }

    @Test
    void connection_establishedAfterItsChainIsGone_isToldWhenItAsks() {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        ChainChoice.Accepted accepted = (ChainChoice.Accepted) server.port.choose(Server.arrival());
        server.publish((InboundListener) null);
        assertThat(drains(accepted.established(Server.facts()))).hasValue(1);
    }

    @Test
    void close_refusesNewConnections() {
        Server server =
                new Server().chain("app", FilterChainMatch.ANY, TO_APPLICATION).publish();
        server.engine.close();
        assertThat(server.port.choose(Server.arrival())).isEqualTo(new ChainChoice.Refused("the mesh is closed"));
    }

    private static AtomicInteger drains(InboundConnection connection) {
        AtomicInteger count = new AtomicInteger();
        connection.onDrain(count::incrementAndGet);
        return count;
    }

    private static Server gated(String address) {
        return gate(new Server(FilterFactories.builtIn(), new GateFactory()), address);
    }

    private static Server gate(Server server, String address) {
        return server.chain(
                "app",
                FilterChainMatch.ANY,
                List.of(new NetworkFilterConfig("gate", new Gate(address))),
                List.of(),
                TO_APPLICATION);
    }

    private static Route route(String prefix, RouteAction action) {
        return Route.of("route " + prefix, RouteMatch.prefix(prefix), action);
    }

    private static Forward timeout(@Nullable Duration timeout) {
        return Forward.to("app").with(new Timeouts(timeout, null, null), null);
    }

    /** Lets connections from one address in. */
    private record Gate(String address) implements FilterConfig {}

    private static final class GateFactory implements NetworkFilterFactory<Gate> {
        @Override
        public Class<Gate> configType() {
            return Gate.class;
        }

        @Override
        public NetworkFilter create(Gate config) {
            return (StreamInfo connection) -> {
                if (!config.address().equals(String.valueOf(connection.remoteAddress()))) {
                    return "closed for " + connection.remoteAddress();
                }
                connection.putFilterState("gate", "open");
                return null;
            };
        }
    }
}
