package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same random policies, callers and requests through Envoy's RBAC filter and through the engine's: no difference is allowed, neither in the answer nor in what
 * is left for logs.
 *
 * <p>{@code -Denvoy.rbac.pairs=100000} compares more than the default of 5,000, and {@code -Denvoy.seed=...} compares others.
 */
class RbacComparisonTest {
    private static final Logger log = LoggerFactory.getLogger(RbacComparisonTest.class);
    private static final int ROUTES_PER_ENVOY = 250;
    private static final int REQUESTS_PER_ROUTE = 2;
    private static final int SHOWN = 5;

    @Test
    void randomPoliciesAndRequests_throughEnvoyAndTheEngine_comeOutTheSame() throws Exception {
        Path binary = EnvoyProcess.binaryOrSkip();
        int pairs = Integer.getInteger("envoy.rbac.pairs", 5_000);
        long seed = Long.getLong("envoy.seed", 1);
        log.info("comparing {} pairs of policies and request with Envoy, -Denvoy.seed={}", pairs, seed);
        Comparison comparison = new Comparison(new Draw(seed));
        while (comparison.compared < pairs) {
            comparison.run(binary);
        }
        log.info(
                "compared {} requests, {} differences: {}",
                comparison.compared,
                comparison.different,
                comparison.tally);

        assertThat(comparison.differences)
                .as("seed %d: %d differences in %d pairs", seed, comparison.different, comparison.compared)
                .isEmpty();
        assertThat(comparison.tally.keySet())
                .as("kinds of outcome")
                .contains(
                        "200 allowed by a policy",
                        "200 allowed by none",
                        "200 nothing enforced",
                        "403 denied by a policy",
                        "403 denied by none",
                        "dry run allowed",
                        "dry run denied",
                        "log hint true",
                        "log hint false");
    }

    /** Runs batches and keeps count. */
    private static final class Comparison {
        private final Draw draw;
        private final X509Bundle authority;
        private final X509Bundle server;
        private final List<String> differences = new ArrayList<>();
        private final Map<String, Integer> tally = new TreeMap<>();
        private int compared;
        private int different;

        Comparison(Draw draw) throws Exception {
            this.draw = draw;
            authority = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=ca")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            server = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=server")
                    .addSanIpAddress("127.0.0.1")
                    .buildIssuedBy(authority);
        }

        void run(Path binary) throws IOException {
            RouteConfiguration routes = routes();
            RbacEngineSide engine = new RbacEngineSide(routes, METADATA);
            Map<String, String> asked = new TreeMap<>();
            Map<String, RbacOutcome> expected = new TreeMap<>();
            Map<String, RbacOutcome> outcomes;
            try (RbacEnvoy envoy = new RbacEnvoy(binary, routes, METADATA, authority, server)) {
                for (Caller caller : Caller.all(authority)) {
                    try (Socket socket = caller.connect(envoy.address(caller.listener()), authority)) {
                        DownstreamConnection facts = facts(caller, socket);
                        InputStream in = new BufferedInputStream(socket.getInputStream());
                        for (int i = 0; i < ROUTES_PER_ENVOY * REQUESTS_PER_ROUTE; i++) {
                            int route = i / REQUESTS_PER_ROUTE;
                            RequestHead request = request(caller, route, Integer.toString(asked.size()));
                            ask(socket, in, request);
                            String id = Objects.requireNonNull(request.headers().get(RbacEnvoy.ID));
                            asked.put(
                                    id,
                                    "\n  " + caller + "\n  " + request + "\n  "
                                            + routes.getVirtualHosts(0)
                                                    .getRoutes(route)
                                                    .getTypedPerFilterConfigMap());
                            expected.put(id, engine.ask(route, facts, request));
                        }
                    }
                }
                outcomes = envoy.outcomes(asked.size());
            }
            asked.forEach((id, text) ->
                    compare(text, Objects.requireNonNull(outcomes.get(id)), Objects.requireNonNull(expected.get(id))));
        }

        private void compare(String text, RbacOutcome envoy, RbacOutcome engine) {
            compared++;
            count(envoy);
            if (!envoy.equals(engine)) {
                different++;
                if (differences.size() < SHOWN) {
                    differences.add(text + "\n  Envoy: " + envoy + "\n  engine: " + engine);
                }
            }
        }

        private void count(RbacOutcome outcome) {
            List<String> metadata = outcome.metadata();
            String by = metadata.get(1).equals("-") ? " by none" : " by a policy";
            tally.merge(
                    outcome.status() + (metadata.get(0).equals("-") ? " nothing enforced" : " " + metadata.get(0) + by),
                    1,
                    Integer::sum);
            if (!metadata.get(2).equals("-")) {
                tally.merge("dry run " + metadata.get(2), 1, Integer::sum);
            }
            if (!metadata.get(4).equals("-")) {
                tally.merge("log hint " + metadata.get(4), 1, Integer::sum);
            }
        }

        private RouteConfiguration routes() {
            VirtualHost.Builder host = VirtualHost.newBuilder().setName("v").addDomains("*");
            for (int i = 0; i < ROUTES_PER_ENVOY; i++) {
                host.addRoutes(Route.newBuilder()
                        .setName("r" + i)
                        .setMatch(RouteMatch.newBuilder()
                                .setPrefix("/")
                                .addHeaders(HeaderMatcher.newBuilder()
                                        .setName("x-route")
                                        .setStringMatch(
                                                StringMatcher.newBuilder().setExact(Integer.toString(i)))))
                        .setDirectResponse(DirectResponseAction.newBuilder().setStatus(200))
                        .setMetadata(Metadata.newBuilder().putFilterMetadata("of-route", METADATA))
                        .putTypedPerFilterConfig(RbacEnvoy.FILTER, Any.pack(new RandomPolicies(draw).ofRoute())));
            }
            return RouteConfiguration.newBuilder()
                    .setName("routes")
                    .addVirtualHosts(host)
                    .build();
        }

        private RequestHead request(Caller caller, int route, String id) {
            Headers headers = Headers.of("x-route", Integer.toString(route), RbacEnvoy.ID, id);
            add(headers, 50, "x-m", "1", "a", "abc", "2", "", "12");
            add(headers, 40, "x-n", "1", "5", "-3", "x", "1.5");
            add(headers, 40, "x-rep", "1", "a", "2");
            add(headers, 40, "x-rep", "2", "b", "c");
            add(headers, 40, "user-agent", "ua", "UA/2");
            add(headers, 35, "x-forwarded-for", "10.1.2.3", "127.0.0.1, 10.1.9.9", "10.1.2.3, 2001:db8::1", "nobody");
            String path = draw.percent(80) ? draw.of(RandomPolicies.PATHS) : "/api/v1/x/y";
            String query = draw.percent(35) ? draw.of("?q=1", "?q=/a/b", "?") : "";
            return new RequestHead(
                    draw.of("GET", "GET", "PUT", "HEAD"),
                    caller.encrypted() ? "https" : "http",
                    draw.of("a.com", "www.a.com:80", "GET.test"),
                    path + query,
                    headers);
        }

        private void add(Headers headers, int percent, String name, String... values) {
            if (draw.percent(percent)) {
                headers.add(name, draw.of(values));
            }
        }

        private static void ask(Socket socket, InputStream in, RequestHead request) throws IOException {
            RandomRequests.onTheWire(request).writeTo(socket.getOutputStream(), "");
            WireHead response = Objects.requireNonNull(WireHead.read(in), "Envoy closed the connection");
            String length = response.first("content-length");
            if (length != null && !request.method().equals("HEAD")) {
                in.readNBytes(Integer.parseInt(length));
            }
        }

        private static DownstreamConnection facts(Caller caller, Socket socket) {
            DownstreamConnection.Tls tls = caller.encrypted()
                    ? new DownstreamConnection.Tls(
                            caller.serverName(), "", "TLSv1.3", "TLS_AES_128_GCM_SHA256", caller.peer())
                    : null;
            return new DownstreamConnection(
                    IpAddress.of(socket.getLocalAddress().getAddress()),
                    socket.getLocalPort(),
                    IpAddress.of(socket.getInetAddress().getAddress()),
                    socket.getPort(),
                    tls);
        }
    }

    private static final Struct METADATA = Struct.newBuilder()
            .putFields("k", text("core"))
            .putFields("n", Value.newBuilder().setNumberValue(7).build())
            .putFields("flag", Value.newBuilder().setBoolValue(true).build())
            .putFields(
                    "list",
                    Value.newBuilder()
                            .setListValue(ListValue.newBuilder()
                                    .addValues(text("ops"))
                                    .addValues(text("core")))
                            .build())
            .putFields(
                    "tree",
                    Value.newBuilder()
                            .setStructValue(Struct.newBuilder().putFields("k", text("v")))
                            .build())
            .build();

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }
}
