package io.inmesh.http.envoy;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.xds.files.YamlMessages;
import java.util.Locale;
import java.util.stream.Collectors;

/** The resources that Envoy and this mesh both get: a client's listener and clusters, and a server's ports. */
final class SceneResources {
    /** Where Envoy's ports are. */
    static final String ENVOY = "127.0.0.1";

    /** The request header that names the cluster to go to. */
    static final String TO = "x-to";

    /** The response header that says what the client's side has to remark. */
    static final String FLAGS = "x-flags";

    /** The request headers in which Envoy tells the application behind it what its connection is like. */
    static final String PEER = "x-peer";

    static final String SERVER_NAME = "x-server-name";
    static final String TLS_VERSION = "x-tls-version";

    private static final String TYPE = "'@type': type.googleapis.com/envoy.extensions.";

    private SceneResources() {}

    /** The name of the cluster for a request. */
    static String clusterName(
            ClientShape client, int version, Situation situation, ServerKind server, String serverHost) {
        return String.join("-", client.name(), "h" + version, situation.name(), server.name(), serverHost)
                .toLowerCase(Locale.ROOT);
    }

    /** Sends each request to the cluster that it names. */
    static Listener outbound(int port) {
        String route = "route: {cluster_header: x-to}, response_headers_to_add:"
                + " [{header: {key: x-flags, value: '%RESPONSE_FLAGS%'}}]";
        return read(
                "name: outbound\n" + "traffic_direction: OUTBOUND\n" + address(ENVOY, port) + "\n"
                        + "filter_chains: [{filters: [" + http("outbound", "", route) + "]}]\n",
                Listener.newBuilder());
    }

    /** A port of a server, whose application is the cluster {@code application}. */
    static Listener inbound(MeshFamily family, ServerKind kind, int port) {
        String name = "inbound-" + family + "-" + kind;
        String route = "route: {cluster: application}, request_headers_to_add: ["
                + header(PEER, "%DOWNSTREAM_PEER_URI_SAN%") + header(SERVER_NAME, "%REQUESTED_SERVER_NAME%")
                + header(TLS_VERSION, "%DOWNSTREAM_TLS_VERSION%") + "]";
        String chains = family.chains(kind.permissive).stream()
                .map(chain -> "- {filter_chain_match: {destination_port: " + port + ", " + chain.match() + "}, "
                        + (chain.mutualTls() ? serverSocket(family, kind) : "") + "filters: ["
                        + http(name, family.clientCertificateHeader, route) + "]}\n")
                .collect(Collectors.joining());
        return read(
                "name: " + name + "\n" + "traffic_direction: INBOUND\n" + address(ENVOY, port) + "\n"
                        + "listener_filters: [{name: tls, typed_config: {" + TYPE
                        + "filters.listener.tls_inspector.v3.TlsInspector}}]\nfilter_chains:\n" + chains,
                Listener.newBuilder());
    }

    private static String http(String name, String rules, String route) {
        return "{name: envoy.filters.network.http_connection_manager, typed_config: {" + TYPE
                + "filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: http, " + rules
                + "route_config: {name: " + name
                + ", virtual_hosts: [{name: all, domains: ['*'], routes: [{match: {prefix: /}, " + route + "}]}]}, "
                + "http_filters: [{name: envoy.filters.http.router, typed_config: {" + TYPE
                + "filters.http.router.v3.Router}}]}}";
    }

    private static String header(String name, String value) {
        return "{header: {key: " + name + ", value: '" + value + "'}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}, ";
    }

    private static String address(String host, int port) {
        return "address: {socket_address: {address: " + host + ", port_value: " + port + "}}";
    }

    private static String serverSocket(MeshFamily family, ServerKind kind) {
        return "transport_socket: {name: tls, typed_config: {" + TYPE
                + "transport_sockets.tls.v3.DownstreamTlsContext, require_client_certificate: true, common_tls_context: {"
                + family.parameters + family.serverAlpn + certificate(family, kind.identity)
                + validation(family, family.acceptedClients, "roots") + "}}}, ";
    }

    /** A client's way to a server. */
    static Cluster cluster(
            ClientShape client, int version, Situation situation, ServerKind server, String host, int port) {
        return read(
                endpoint(clusterName(client, version, situation, server, host), host, port)
                        + (situation == Situation.PLAINTEXT ? "" : clientSocket(client, version, situation))
                        + options(version),
                Cluster.newBuilder());
    }

    private static String clientSocket(ClientShape client, int version, Situation situation) {
        MeshFamily family = client.family;
        String wanted = situation == Situation.UNEXPECTED_SERVER_NAME
                ? family.serverNames().get(0) + "-other"
                : family.serverNames().get(0);
        String alpn = situation == Situation.ORDINARY_ALPN ? (version == 1 ? "http/1.1" : "h2") : client.alpn(version);
        return "transport_socket: {name: tls, typed_config: {" + TYPE
                + "transport_sockets.tls.v3.UpstreamTlsContext, sni: '" + client.serverName + "', common_tls_context: {"
                + family.parameters + "alpn_protocols: [" + alpn + "], "
                + (situation.identity().isEmpty() ? "" : certificate(family, situation.identity()))
                + validation(
                        family,
                        family.acceptedServer(wanted),
                        situation == Situation.SERVER_OF_ANOTHER_ROOT ? "other-roots" : "roots")
                + "}}}\n";
    }

    /** In the clear; what is behind Envoy's ports. */
    static Cluster application(int port) {
        return application("application", port);
    }

    /** The same by the name that a recorded route has. */
    static Cluster application(String name, int port) {
        return read(endpoint("'" + name + "'", ENVOY, port) + options(1), Cluster.newBuilder());
    }

    private static String options(int version) {
        return "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {" + TYPE
                + "upstreams.http.v3.HttpProtocolOptions, explicit_http_config: {"
                + (version == 1 ? "http_protocol_options" : "http2_protocol_options") + ": {}}}}\n";
    }

    private static String endpoint(String cluster, String host, int port) {
        return "name: " + cluster + "\ntype: STATIC\nload_assignment: {cluster_name: " + cluster
                + ", endpoints: [{lb_endpoints: [{endpoint: {" + address(host, port) + "}}]}]}\n";
    }

    private static String certificate(MeshFamily family, String identity) {
        return "tls_certificate_sds_secret_configs: [" + secret(Credentials.name(family, identity)) + "], ";
    }

    private static String validation(MeshFamily family, String names, String roots) {
        return "combined_validation_context: {default_validation_context: {" + names
                + "}, validation_context_sds_secret_config: " + secret(Credentials.name(family, roots)) + "}";
    }

    private static String secret(String name) {
        return "{name: " + name + ", sds_config: {ads: {}, resource_api_version: V3}}";
    }

    private static <B extends Message.Builder> B builder(String yaml, B builder) {
        try {
            return YamlMessages.read("scene", yaml, builder);
        } catch (Exception e) {
            throw new IllegalStateException(yaml, e);
        }
    }

    private static Listener read(String yaml, Listener.Builder builder) {
        return builder(yaml, builder).build();
    }

    private static Cluster read(String yaml, Cluster.Builder builder) {
        return builder(yaml, builder).build();
    }
}
