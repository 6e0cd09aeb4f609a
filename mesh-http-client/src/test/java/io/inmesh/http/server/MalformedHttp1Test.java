package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.xds.envoy.EnvoyProcess;
import io.inmesh.xds.testing.Resources;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients get that send what RFC 9112 forbids: from this side, and from Envoy with the same table. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedHttp1Test {
    private final NettyApplication application = new NettyApplication();
    private final NettyTestServer server = NettyTestServer.start(0, ScriptedPort.open(), new NoTls(), application);

    @AfterAll
    void close() {
        server.close();
    }

    /** A request, the status of this side, and Envoy's. Where they differ, this side refuses what Envoy lets through. */
    static Stream<Arguments> requests() {
        String get = "GET /a HTTP/1.1\r\nHost: a\r\n";
        String post = "POST /a HTTP/1.1\r\nHost: a\r\n";
        return Stream.of(
                same("well-formed", get + "\r\n", 200),
                same("no host", "GET /a HTTP/1.1\r\n\r\n", 400),
                differs("two hosts", get + "Host: b\r\n\r\n", 400, 200),
                same("host with a space", "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
                same("host with a slash", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
                same("HTTP/1.0", "GET /a HTTP/1.0\r\nHost: a\r\n\r\n", 426),
                same("HTTP/1.2", "GET /a HTTP/1.2\r\nHost: a\r\n\r\n", 426),
                same("absolute form", "GET http://b.example:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n", 200),
                same("absolute form without host", "GET http://b.example/x HTTP/1.1\r\n\r\n", 200),
                same("absolute form without path", "GET http://b.example HTTP/1.1\r\nHost: a\r\n\r\n", 200),
                same("absolute form with query only", "GET http://b.example?q HTTP/1.1\r\nHost: a\r\n\r\n", 404),
                same("absolute form with credentials", "GET http://u:p@b.example/ HTTP/1.1\r\nHost: a\r\n\r\n", 200),
                same("absolute form of another scheme", "GET ftp://b.example/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("no slash", "GET foo HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 404),
                same("asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("CONNECT", "CONNECT b.example:80 HTTP/1.1\r\nHost: a\r\n\r\n", 404),
                same("CONNECT with a path", "CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same(
                        "length and coding",
                        post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        400),
                same("the same length twice", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nxy", 400),
                same("two lengths", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nxyz", 400),
                same("list of lengths", post + "Content-Length: 2, 2\r\n\r\nxy", 400),
                same("length with a sign", post + "Content-Length: +2\r\n\r\nxy", 400),
                same("negative length", post + "Content-Length: -2\r\n\r\nxy", 400),
                same("hexadecimal length", post + "Content-Length: 0x2\r\n\r\nxy", 400),
                same("empty length", post + "Content-Length:\r\n\r\n", 400),
                same("length of twenty digits", post + "Content-Length: 99999999999999999999\r\n\r\n", 400),
                same("chunked", post + "Transfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n", 200),
                same("chunked in capitals", post + "Transfer-Encoding: CHUNKED\r\n\r\n2\r\nxy\r\n0\r\n\r\n", 200),
                same("identity", post + "Transfer-Encoding: identity\r\n\r\n", 501),
                same("gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
                same("chunked, chunked", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501),
                same(
                        "chunked twice",
                        post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        501),
                same("xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
                same(
                        "coding with a space before the colon",
                        post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                        400),
                differs("lines that end in LF", "GET /a HTTP/1.1\nHost: a\n\n", 400, 200),
                differs("one line that ends in LF", get + "X: y\nZ: z\r\n\r\n", 400, 200),
                differs("CR in a value", get + "X: a\rb\r\n\r\n", 400, 200),
                same("NUL in a value", get + "X: a\0b\r\n\r\n", 400),
                same("folded field", get + "X: a\r\n b\r\n\r\n", 200),
                same("fold before the first field", "GET /a HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n", 400),
                same("Latin-1 in a value", get + "X: a\u00e4b\r\n\r\n", 200),
                same("space in a name", get + "X Y: a\r\n\r\n", 400),
                same("space before the colon", get + "X : a\r\n\r\n", 400),
                same("no name", get + ": a\r\n\r\n", 400),
                same("no colon", get + "foo\r\n\r\n", 400),
                same("parenthesis in a name", get + "x(y: a\r\n\r\n", 400),
                same("Latin-1 in a name", get + "x\u00e4: a\r\n\r\n", 400),
                same("a pseudo-header", get + ":path: /b\r\n\r\n", 400),
                same("underscore in a name", get + "x_y: a\r\n\r\n", 200),
                same("space in the path", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("Latin-1 in the path", "GET /\u00e4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("control character in the path", "GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("method in small letters", "get /a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("unknown method", "BREW /a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("parenthesis in the method", "G(T /a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                same("empty line first", "\r\n" + get + "\r\n", 200),
                same("chunk that is no number", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
                same("chunk with a sign", post + "Transfer-Encoding: chunked\r\n\r\n+2\r\nxy\r\n0\r\n\r\n", 400),
                same("chunk with 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\nxy\r\n0\r\n\r\n", 400),
                same("chunk with LF", post + "Transfer-Encoding: chunked\r\n\r\n2\nxy\n0\n\n", 400),
                same(
                        "chunk with an extension",
                        post + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nxy\r\n0\r\n\r\n",
                        200),
                same("head of 61 KiB", get + "X: " + "a".repeat(61 * 1024) + "\r\n\r\n", 431),
                same("head of 59 KiB", get + "X: " + "a".repeat(59 * 1024) + "\r\n\r\n", 200),
                same("target of 61 KiB", "GET /" + "a".repeat(61 * 1024) + " HTTP/1.1\r\nHost: a\r\n\r\n", 431),
                same("90 fields", get + fields(89) + "\r\n", 200),
                same("101 fields", get + fields(100) + "\r\n", 431),
                same("connection nominates host", get + "Connection: host\r\n\r\n", 400),
                same("connection nominates x-forwarded-for", get + "Connection: x-forwarded-for\r\n\r\n", 400),
                same("connection nominates a pseudo-header", get + "Connection: :path\r\n\r\n", 400),
                same("connection nominates another field", get + "Connection: x-a\r\nx-a: 1\r\n\r\n", 200),
                same(
                        "upgrade to h2c",
                        get + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
                        200));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void request_asInTheTable_isAnsweredAsInTheTable(String name, String request, int status, int envoys)
            throws IOException {
        int before = application.requests.get();
        try (RawClient client = new RawClient(server.port())) {
            RawClient.Response response = client.send(request).response();
            assertThat(response.status()).as(response.body()).isEqualTo(status);
            if (status != 200) {
                assertThat(response.closes()).isTrue();
                assertThat(client.finish().isClosed()).isTrue();
            }
        }
        boolean bodyOnly = name.startsWith("chunk ") && status == 400;
        assertThat(application.requests.get() - before).isEqualTo(status == 200 || bodyOnly ? 1 : 0);
    }

    @Test
    void envoy_allOfTheTable_answersAsTheTableSays() throws IOException {
        try (EnvoyProcess envoy = EnvoyProcess.start(EnvoyProcess.binaryOrSkip(), bootstrap(server.port()))) {
            int port = envoy.listenerPorts().getOrDefault("in", 0);
            String actual = requests()
                    .map(each -> each.get()[0] + " " + status(port, (String) each.get()[1]))
                    .collect(Collectors.joining("\n"));
            String expected =
                    requests().map(each -> each.get()[0] + " " + each.get()[3]).collect(Collectors.joining("\n"));
            assertThat(actual).isEqualTo(expected);
        }
    }

    private static int status(int port, String request) {
        try (RawClient client = new RawClient(port)) {
            return client.send(request).response(false).status();
        } catch (IOException e) {
            return -1;
        }
    }

    private static Bootstrap bootstrap(int application) {
        HttpConnectionManager http = HttpConnectionManager.newBuilder()
                .setStatPrefix("in")
                .setRouteConfig(RouteConfiguration.newBuilder()
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName("all")
                                .addDomains("*")
                                .addRoutes(Route.newBuilder()
                                        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                        .setRoute(RouteAction.newBuilder().setCluster("app")))))
                .addHttpFilters(
                        HttpFilter.newBuilder().setName("router").setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap
                .getStaticResourcesBuilder()
                .addListeners(Listener.newBuilder()
                        .setName("in")
                        .setAddress(EnvoyProcess.loopback(0))
                        .addFilterChains(FilterChain.newBuilder()
                                .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http)))));
        bootstrap
                .getStaticResourcesBuilder()
                .addClusters(Cluster.newBuilder()
                        .setName("app")
                        .setType(Cluster.DiscoveryType.STATIC)
                        .setLoadAssignment(Resources.endpoints("app", application)));
        return bootstrap.build();
    }

    private static String fields(int count) {
        return IntStream.range(0, count).mapToObj(i -> "X" + i + ": a\r\n").collect(Collectors.joining());
    }

    private static Arguments same(String name, String request, int status) {
        return arguments(name, request, status, status);
    }

    private static Arguments differs(String name, String request, int status, int envoys) {
        return arguments(name, request, status, envoys);
    }
}
