package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.model.AlpnOverrideFilter;
import io.inmesh.model.Assignment;
import io.inmesh.model.ClientRules;
import io.inmesh.model.ClientRules.ClientCertificate;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import io.inmesh.model.RawFilterConfig;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.UrlRules;
import io.inmesh.outbound.MeshFixture.Call;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An ordinary call on its way, and what filters do to it. */
class RoutedCallTest {
    private final MeshFixture mesh = new MeshFixture().cluster("a", 1);

    @Test
    void response_isPassedOnAsItComes() {
        mesh.publish(to("a"));
        Call call = mesh.get("orders");
        mesh.transport.last().connect();
        mesh.loop.advance(Duration.ofMillis(30));
        mesh.transport.last().headOf(200, "x-a", "1", "connection", "close", "transfer-encoding", "chunked");
        assertThat(call.observer().header("x-a")).isEqualTo("1");
        assertThat(call.observer().header("connection")).isNull();
        assertThat(call.observer().header("transfer-encoding")).isNull();
        assertThat(call.observer().header("x-envoy-upstream-service-time")).isEqualTo("30");
        assertThat(mesh.transport.last().demand).isZero();
        call.call().request(3);
        assertThat(mesh.transport.last().demand).isEqualTo(3);
        mesh.transport.last().data("abc");
        mesh.transport.last().complete(Headers.of("checksum", "7"));
        assertThat(call.observer().body()).isEqualTo("abc");
        assertThat(call.observer().trailers).isEqualTo(Headers.of("checksum", "7"));
        assertThat(call.observer().facts().details()).isEqualTo("via_upstream");
        assertThat(call.observer().facts().flags()).isEmpty();
        assertThat(call.observer().facts().attempts()).isEqualTo(1);
        assertThat(call.observer().facts().connection()).isNotNull();
        assertThat(call.observer().connections).isEqualTo(1);
        assertThat(mesh.loop.timers()).isZero();
    }

    /** As Envoy's {@code SANITIZE} and all modes but one, where the downstream has no certificate. */
    @ParameterizedTest
    @EnumSource(ClientCertificate.class)
    void clientCertificateOfTheApplication_isNotPassedOn(ClientCertificate mode) {
        HttpConnectionManager http = new HttpConnectionManager(
                "outbound",
                "routes",
                java.util.List.of(new HttpFilterConfig("router", new FilterConfig.Router(), false)),
                null,
                null,
                UrlRules.NONE,
                ClientRules.DEFAULT.withClientCertificate(mode, ClientRules.CertificateDetails.NONE));
        mesh.publish(
                java.util.Map.of("outbound", new Listener("outbound", "0.0.0.0", 80, http, null)),
                java.util.Map.of("routes", RouteTable.of("routes", MeshFixture.virtualHost(to("a")))));
        mesh.call("GET", "orders", "/", null, "x-forwarded-client-cert", "URI=spiffe://somebody");
        assertThat(mesh.transport.last().headAsSent.headers().contains("x-forwarded-client-cert"))
                .isEqualTo(mode == ClientCertificate.ALWAYS_FORWARD_ONLY);
    }

    @Test
    void demandBeforeTheHead_isKept() {
        mesh.publish(to("a"));
        Call call = mesh.get("orders");
        call.call().request(5);
        call.call().request(6);
        assertThat(mesh.transport.last().demand).isZero();
        mesh.transport.last().headOf(200);
        assertThat(mesh.transport.last().demand).isEqualTo(11);
    }

    @Test
    void target_namesClusterPriorityAndTheCallersVersion() {
        Forward high = new Forward(
                Forward.to("a").cluster(),
                503,
                null,
                null,
                false,
                Forward.to("a").timeouts(),
                null,
                true,
                java.util.List.of());
        mesh.publish(MeshFixture.route(high));
        mesh.call(
                new RequestHead("GET", "http", "orders", "/", new Headers()),
                null,
                new CallOptions(null, HttpVersion.HTTP_1));
        UpstreamTarget.ToHost target = (UpstreamTarget.ToHost) mesh.transport.last().target;
        assertThat(target.cluster().name()).isEqualTo("a");
        assertThat(target.highPriority()).isTrue();
        assertThat(target.callerVersion()).isEqualTo(HttpVersion.HTTP_1);
    }

    @Test
    void destinationOfTheOptions_choosesTheListenerAndTheAuthorityTheVirtualHost() {
        mesh.publish(to("a"));
        Call call = mesh.call(
                new RequestHead("GET", "http", "orders", "/", new Headers()),
                null,
                new CallOptions(new Destination("http", "elsewhere", 80), HttpVersion.ALPN));
        mesh.transport.last().answer(200);
        assertThat(call.observer().facts().explanation().destination().host()).isEqualTo("elsewhere");
        assertThat(call.observer().facts().explanation().domain()).isEqualTo("orders");
    }

    @Test
    void expect_isAnsweredByTheMeshAndNotSent() {
        mesh.publish(to("a"));
        Call call = mesh.call("POST", "orders", "/", new HandBody(), "expect", "100-continue");
        assertThat(call.observer().informational).containsExactly(100);
        assertThat(mesh.transport.last().headAsSent.headers().contains("expect"))
                .isFalse();
        mesh.transport.last().informational(103);
        assertThat(call.observer().informational).containsExactly(100, 103);
    }

    @Test
    void suppressedEnvoyHeaders_areNotAdded() {
        mesh.filters.add(new HttpFilterConfig("router", new FilterConfig.Router(true), false));
        mesh.publish(to("a"));
        Call call = mesh.get("orders");
        assertThat(mesh.transport.last().headAsSent.headers().size()).isZero();
        mesh.transport.last().answer(200);
        assertThat(call.observer().header("x-envoy-upstream-service-time")).isNull();
    }

    @Test
    void requestBody_isReadOnlyAsFastAsTheAttemptTakesIt() {
        mesh.publish(to("a"));
        Call call = mesh.post("orders").ask();
        call.body().push("a");
        mesh.transport.last().writable = false;
        call.body().push("b");
        assertThat(call.body().mayPush()).isFalse();
        assertThat(mesh.transport.last().written()).isEqualTo("a");
        mesh.transport.last().becomeWritable();
        assertThat(mesh.transport.last().written()).isEqualTo("ab");
        assertThat(call.body().mayPush()).isTrue();
    }

    @Test
    void responseBeforeTheEndOfTheRequest_endsTheRequest() {
        mesh.publish(to("a"));
        Call call = mesh.post("orders").ask();
        call.body().push("a");
        mesh.transport.last().headOf(413);
        call.body().push("b");
        assertThat(mesh.transport.last().written())
                .as("the request goes on beside its response")
                .isEqualTo("ab");
        mesh.transport.last().complete(null);
        assertThat(call.observer().completed).isTrue();
        assertThat(call.body().cancelled).isTrue();
        assertThat(mesh.transport.last().cancelled).isTrue();
        assertThat(call.observer().header("x-envoy-upstream-service-time")).isNull();
    }

    @Test
    void cancel_releasesEverything() {
        mesh.publish(to("a"));
        Call call = mesh.post("orders").ask();
        call.call().cancel();
        call.call().cancel();
        call.call().request(1);
        assertThat(mesh.transport.last().cancelled).isTrue();
        assertThat(call.body().cancelled).isTrue();
        assertThat(mesh.activeRequests("a")).isZero();
        assertThat(mesh.loop.timers()).isZero();
        assertThat(call.observer().isOver()).isFalse();
    }

    @Test
    void filters_seeTheRequestAndTheResponse() {
        MeshFixture filtered = withFilter(new HttpFilter() {
            @Override
            public FilterStep onRequest(FilterStream stream) {
                stream.request().headers().set("x-seen", "request");
                return FilterStep.CONTINUE;
            }

            @Override
            public FilterStep onResponse(FilterStream stream, ResponseHead head) {
                head.headers().set("x-seen", "response");
                return FilterStep.CONTINUE;
            }
        });
        filtered.publish(to("a"));
        Call call = filtered.get("orders").ask();
        filtered.loop.run();
        assertThat(filtered.transport.last().headAsSent.headers().get("x-seen")).isEqualTo("request");
        filtered.transport.last().answer(200);
        filtered.loop.run();
        assertThat(call.observer().header("x-seen")).isEqualTo("response");
        assertThat(call.observer().completed).isTrue();
    }

    @Test
    void filtersReply_neverReachesAHost() {
        MeshFixture filtered = withFilter(new HttpFilter() {
            @Override
            public FilterStep onRequest(FilterStream stream) {
                return FilterStep.reply(LocalReply.of(429, "slow down", ResponseFlag.RATE_LIMITED, "quota"));
            }
        });
        filtered.publish(to("a"));
        Call call = filtered.post("orders").ask();
        filtered.loop.run();
        assertThat(call.observer().status()).isEqualTo(429);
        assertThat(call.observer().body()).isEqualTo("slow down");
        assertThat(call.observer().facts().flags()).containsExactly(ResponseFlag.RATE_LIMITED);
        assertThat(call.observer().facts().explanation().toString()).contains("429 quota, slow down");
        assertThat(filtered.transport.attempts).isEmpty();
        assertThat(call.body().starts).isZero();
    }

    @Test
    void filtersReplyInPlaceOfAResponse_cancelsTheAttempt() {
        MeshFixture filtered = withFilter(new HttpFilter() {
            @Override
            public FilterStep onResponse(FilterStream stream, ResponseHead head) {
                return FilterStep.reply(LocalReply.of(502, "not that", null, "censored"));
            }
        });
        filtered.publish(to("a"));
        Call call = filtered.get("orders").ask();
        filtered.loop.run();
        filtered.transport.last().headOf(200);
        filtered.loop.run();
        assertThat(call.observer().status()).isEqualTo(502);
        assertThat(call.observer().completed).isTrue();
        assertThat(filtered.transport.last().cancelled).isTrue();
        assertThat(filtered.activeRequests("a")).isZero();
    }

    @Test
    void filterThatClearsTheRoute_leadsToAnotherCluster() {
        MeshFixture filtered = withFilter(new HttpFilter() {
            @Override
            public FilterStep onRequest(FilterStream stream) {
                stream.request().path("/moved");
                stream.clearRouteCache();
                return FilterStep.CONTINUE;
            }
        });
        filtered.cluster("b", 1)
                .publish(
                        Route.of("moved", RouteMatch.prefix("/moved"), Forward.to("b")),
                        Route.of("all", RouteMatch.prefix("/"), Forward.to("a")));
        Call call = filtered.get("orders").ask();
        filtered.loop.run();
        filtered.transport.last().answer(200);
        filtered.loop.run();
        assertThat(call.observer().facts().explanation().cluster()).isEqualTo("b");
        assertThat(call.observer().facts().explanation().route()).isEqualTo("moved");
    }

    @Test
    void clusterThatWentWhileFiltersWereAtWork_isChosenAgainFromTheNewConfiguration() {
        MeshFixture[] self = new MeshFixture[1];
        MeshFixture filtered = withFilter(new HttpFilter() {
            @Override
            public FilterStep onRequest(FilterStream stream) {
                self[0].clusters.remove("a");
                self[0].cluster("b", 1).publish(to("b"));
                return FilterStep.CONTINUE;
            }
        });
        self[0] = filtered;
        filtered.publish(to("a"));
        Call call = filtered.get("orders").ask();
        filtered.loop.run();
        filtered.transport.last().answer(200);
        filtered.loop.run();
        assertThat(call.observer().status()).isEqualTo(200);
        assertThat(call.observer().facts().explanation().cluster()).isEqualTo("b");
    }

    @ParameterizedTest(name = "outside of the mesh: first {0}, then {1}")
    @CsvSource({"false, true", "true, false"})
    void clusterThatIsChosenAgain_keepsItsOwnAlpnIfOutsideOfTheMesh(boolean before, boolean after) {
        MeshFixture[] self = new MeshFixture[1];
        MeshFixture filtered = withFilter(new HttpFilter() {
            @Override
            public FilterStep onRequest(FilterStream stream) {
                self[0].clusters.remove("a");
                self[0].clusters.put("b", cluster("b", after));
                self[0].publish(to("b"));
                return FilterStep.CONTINUE;
            }
        });
        self[0] = filtered;
        AlpnOverrideFilter override = new AlpnOverrideFilter(List.of("istio"), List.of("istio-h2"));
        filtered.filters.add(0, new HttpFilterConfig("istio.alpn", override, false));
        filtered.clusters.put("a", cluster("a", before));
        filtered.publish(to("a"));
        filtered.get("orders").ask();
        filtered.loop.run();

        UpstreamTarget.ToHost target = (UpstreamTarget.ToHost) filtered.transport.last().target;
        assertThat(target.cluster().name()).isEqualTo("b");
        assertThat(target.tls()).isEqualTo(after ? null : new RequestTls(null, List.of(), List.of("istio")));
    }

    private static ClusterState cluster(String name, boolean outside) {
        Cluster cluster = new Cluster(
                name,
                new Discovery.Eds(name),
                Balancing.DEFAULT,
                Cluster.DEFAULT_CONNECT_TIMEOUT,
                Thresholds.DEFAULT,
                Thresholds.DEFAULT,
                HttpOptions.DEFAULT,
                Cluster.DEFAULT_BUFFER_LIMIT,
                Map.of("istio", Map.of("alpn_override", String.valueOf(!outside))),
                null);
        return new ClusterState.Ready(cluster, Assignment.of(name, Endpoint.of("10.0.0.1", 8080)));
    }

    private static MeshFixture withFilter(HttpFilter filter) {
        MeshFixture mesh = new MeshFixture(
                        destination -> false,
                        FilterFactories.builtIn().with(new Factory(filter), Runnable::run),
                        new SplittableRandom(1))
                .cluster("a", 1);
        mesh.filters.add(new HttpFilterConfig("own", new OwnConfig(), false));
        mesh.filters.add(new HttpFilterConfig("router", new FilterConfig.Router(), false));
        return mesh;
    }

    private record OwnConfig() implements FilterConfig {}

    private record Factory(HttpFilter filter) implements HttpFilterFactory<OwnConfig> {
        @Override
        public Set<String> typeUrls() {
            return Set.of("test/own");
        }

        @Override
        public Class<OwnConfig> configType() {
            return OwnConfig.class;
        }

        @Override
        public OwnConfig parse(RawFilterConfig raw) {
            return new OwnConfig();
        }

        @Override
        public HttpFilter create(Levels<OwnConfig> config) {
            return filter;
        }
    }
}
