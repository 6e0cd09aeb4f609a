package io.inmesh.xds.envoy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.exchange.RequestHead;
import io.inmesh.xds.envoy.WireHead.Field;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks Envoy: a listener for each filter, all with the same routes to one upstream that echoes. */
final class JwtEnvoySide implements AutoCloseable {
    static final String FILTER = "jwt";

    private static final String METADATA = "x-compared-metadata";
    private static final String DETAILS = "x-compared-details";
    private static final String FORMAT = "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn)%";
    /** What a proxy writes because it is one; the length is for a body that an OPTIONS request might have. */
    private static final Set<String> OF_A_HOP = Set.of("host", "x-forwarded-proto", "content-length", METADATA);

    private final EnvoyProcess envoy;
    private final Map<String, Integer> ports;

    JwtEnvoySide(Path binary, List<Listener> listeners, EchoBackend backend) {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap.getStaticResourcesBuilder().addAllListeners(listeners).addClusters(cluster(backend.port(0)));
        envoy = EnvoyProcess.start(binary, bootstrap.build());
        ports = envoy.listenerPorts();
    }

    private static Cluster cluster(int port) {
        return Cluster.newBuilder()
                .setName("c")
                .setType(DiscoveryType.STATIC)
                .setConnectTimeout(Duration.newBuilder().setSeconds(5))
                .setLoadAssignment(ClusterLoadAssignment.newBuilder()
                        .setClusterName("c")
                        .addEndpoints(LocalityLbEndpoints.newBuilder()
                                .addLbEndpoints(LbEndpoint.newBuilder()
                                        .setEndpoint(Endpoint.newBuilder().setAddress(EnvoyProcess.loopback(port))))))
                .build();
    }

    /** A listener with the filter in front of routes that name a requirement, none, or one that is not there. */
    static Listener listener(String name, JwtAuthentication filter) {
        HttpConnectionManager http = HttpConnectionManager.newBuilder()
                .setStatPrefix(name)
                .setCodecType(CodecType.HTTP1)
                .setRouteConfig(RouteConfiguration.newBuilder()
                        .setName(name)
                        .addRequestHeadersToAdd(header(METADATA, FORMAT))
                        .addResponseHeadersToAdd(header(METADATA, FORMAT))
                        .addResponseHeadersToAdd(header(DETAILS, "%RESPONSE_CODE_DETAILS%"))
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName("all")
                                .addDomains("*")
                                .addRoutes(route(
                                        "/off",
                                        PerRouteConfig.newBuilder()
                                                .setDisabled(true)
                                                .build()))
                                .addRoutes(route("/named", requirement(RandomJwtFilters.NAMED)))
                                .addRoutes(route("/wrong", requirement("gone")))
                                .addRoutes(route("/", null))))
                .addHttpFilters(filter(FILTER, filter))
                .addHttpFilters(filter(
                        "router",
                        Router.newBuilder().setSuppressEnvoyHeaders(true).build()))
                .setGenerateRequestId(BoolValue.of(false))
                .setSkipXffAppend(true)
                .build();
        return Listener.newBuilder()
                .setName(name)
                .setAddress(EnvoyProcess.loopback(0))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http))))
                .build();
    }

    private static HttpFilter filter(String name, Message config) {
        return HttpFilter.newBuilder()
                .setName(name)
                .setTypedConfig(Any.pack(config))
                .build();
    }

    private static PerRouteConfig requirement(String name) {
        return PerRouteConfig.newBuilder().setRequirementName(name).build();
    }

    private static Route route(String prefix, @Nullable PerRouteConfig config) {
        Route.Builder route = Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPrefix(prefix))
                .setRoute(RouteAction.newBuilder().setCluster("c"));
        if (config != null) {
            route.putTypedPerFilterConfig(FILTER, Any.pack(config));
        }
        return route.build();
    }

    private static HeaderValueOption header(String name, String format) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(format))
                .build();
    }

    Connection connect(String listener) throws IOException {
        return new Connection(
                new Socket(InetAddress.getLoopbackAddress(), Objects.requireNonNull(ports.get(listener))));
    }

    @Override
    public void close() {
        envoy.close();
    }

    /** One keep-alive connection. */
    static final class Connection implements Closeable {
        private final Socket socket;
        private final InputStream in;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            in = new BufferedInputStream(socket.getInputStream());
        }

        JwtOutcome ask(RequestHead request) throws IOException {
            RandomRequests.onTheWire(request).writeTo(socket.getOutputStream(), "");
            WireHead response = Objects.requireNonNull(WireHead.read(in), "Envoy closed the connection");
            String length = response.first("content-length");
            String body = new String(
                    in.readNBytes(length == null ? 0 : Integer.parseInt(length)), StandardCharsets.ISO_8859_1);
            int status = Integer.parseInt(response.firstLine().split(" ", 3)[1]);
            int end = body.indexOf("\r\n");
            WireHead upstream = end < 0 ? null : WireHead.parse(body.substring(end + 2));
            String metadata = response.first(METADATA);
            return new JwtOutcome(
                    status,
                    upstream == null ? body : "",
                    Objects.requireNonNullElse(response.first("www-authenticate"), ""),
                    Objects.requireNonNullElse(response.first(DETAILS), ""),
                    upstream == null ? "" : upstream.firstLine().split(" ")[1],
                    upstream == null ? List.of() : sorted(upstream.fields()),
                    metadata == null
                            ? new JsonObject()
                            : JsonParser.parseString(new String(
                                    metadata.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)));
        }

        private static List<String> sorted(List<Field> fields) {
            List<String> lines = new ArrayList<>();
            for (Field field : fields) {
                String name = field.name().toLowerCase(Locale.ROOT);
                if (!OF_A_HOP.contains(name)) {
                    lines.add(name + ": " + field.value());
                }
            }
            return JwtEngineSide.sorted(lines);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
