package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Asks Envoy: a listener for each table, a cluster for each upstream. */
final class EnvoySide implements AutoCloseable {
    /** The host name of every endpoint, for {@code auto_host_rewrite}. */
    static final String HOSTNAME = "endpoint.name";

    /** What a proxy adds because it is one; a caller within the process has no use for it. */
    private static final List<String> OF_A_HOP = List.of(
            // Tells the upstream how the caller reached the proxy. Nobody reached anything here.
            "x-forwarded-proto",
            // The clock's.
            "date",
            // What the router says of time, which the routing of the engine knows nothing of.
            "x-envoy-expected-rq-timeout-ms",
            "x-envoy-upstream-service-time");

    private final EnvoyProcess envoy;
    private final Map<String, Integer> ports;

    EnvoySide(Path binary, List<RouteConfiguration> tables, EchoBackend backend) {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        for (RouteConfiguration table : tables) {
            bootstrap.getStaticResourcesBuilder().addListeners(listener(table));
        }
        for (int i = 0; i < RandomTables.CLUSTERS.size(); i++) {
            bootstrap.getStaticResourcesBuilder().addClusters(cluster(RandomTables.CLUSTERS.get(i), backend.port(i)));
        }
        envoy = EnvoyProcess.start(binary, bootstrap.build());
        ports = envoy.listenerPorts();
    }

    private static Listener listener(RouteConfiguration table) {
        HttpConnectionManager http = HttpConnectionManager.newBuilder()
                .setStatPrefix(table.getName())
                .setCodecType(CodecType.HTTP1)
                .setRouteConfig(table)
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.newBuilder()
                                .setSuppressEnvoyHeaders(!leavesTraces(table.getName()))
                                .build())))
                // A proxy's own doings, switched off as far as it can be.
                .setGenerateRequestId(com.google.protobuf.BoolValue.of(false))
                .setSkipXffAppend(true)
                .setServerHeaderTransformation(ServerHeaderTransformation.PASS_THROUGH)
                .build();
        return Listener.newBuilder()
                .setName(table.getName())
                .setAddress(EnvoyProcess.loopback(0))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http))))
                .build();
    }

    /** Whether {@code suppress_envoy_headers} is off; so it is for every second table. */
    static boolean leavesTraces(String table) {
        return table.hashCode() % 2 == 0;
    }

    private static Cluster cluster(String name, int port) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(DiscoveryType.STATIC)
                .setConnectTimeout(Duration.newBuilder().setSeconds(5))
                .setMetadata(RandomTables.metadata("of-cluster"))
                .setLoadAssignment(ClusterLoadAssignment.newBuilder()
                        .setClusterName(name)
                        .addEndpoints(LocalityLbEndpoints.newBuilder()
                                .addLbEndpoints(LbEndpoint.newBuilder()
                                        .setMetadata(RandomTables.metadata("of-endpoint"))
                                        .setEndpoint(Endpoint.newBuilder()
                                                .setHostname(HOSTNAME)
                                                .setAddress(EnvoyProcess.loopback(port))))))
                .build();
    }

    /** A connection to the listener of a table. */
    Connection connect(String table) throws IOException {
        return new Connection(new Socket(InetAddress.getLoopbackAddress(), Objects.requireNonNull(ports.get(table))));
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

        Outcome ask(RequestHead request) throws IOException {
            RandomRequests.onTheWire(request).writeTo(socket.getOutputStream(), "");
            WireHead response = Objects.requireNonNull(WireHead.read(in), "Envoy closed the connection");
            String length = response.first("content-length");
            byte[] bytes = in.readNBytes(length == null ? 0 : Integer.parseInt(length));
            String body = new String(bytes, StandardCharsets.ISO_8859_1);
            int status = Integer.parseInt(response.firstLine().split(" ", 3)[1]);
            Headers headers = withoutHop(response.headers());
            int end = body.indexOf("\r\n");
            if (end < 0) {
                return new Outcome("", "", new Headers(), status, headers, body);
            }
            WireHead upstream = WireHead.parse(body.substring(end + 2));
            Headers upstreamHeaders = withoutHop(upstream.headers());
            String host = upstreamHeaders.get("host");
            upstreamHeaders.remove("host");
            headers.remove("content-length");
            return new Outcome(
                    body.substring(0, end), upstream.firstLine() + " " + host, upstreamHeaders, status, headers, "");
        }

        private static Headers withoutHop(Headers headers) {
            OF_A_HOP.forEach(headers::remove);
            return headers;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
