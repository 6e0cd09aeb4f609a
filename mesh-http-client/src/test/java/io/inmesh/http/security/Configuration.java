package io.inmesh.http.security;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.xds.envoy.EnvoyProcess;
import io.inmesh.xds.files.YamlMessages;
import io.inmesh.xds.testing.Resources;
import io.netty.pkitesting.X509Bundle;
import java.util.List;

/** What a control plane says, as an operator would write it; the certificates come as secrets {@code own} and {@code roots}. */
final class Configuration {
    /** Where the mesh believes its server to be bound. */
    static final int PORT = 8080;

    static final String ANY_PEER = "";
    private static final String TYPE = "'@type': type.googleapis.com/envoy.extensions.";
    private static final String OWN =
            "tls_certificate_sds_secret_configs: [{name: own, sds_config: {ads: {}, resource_api_version: V3}}]";
    private static final String ROOTS = "{name: roots, sds_config: {ads: {}, resource_api_version: V3}}";

    private Configuration() {}

    /** A filter that decides by rules, as {@code RBAC} has them. */
    static String rbac(String rules) {
        return "{name: envoy.filters.http.rbac, typed_config: {" + TYPE + "filters.http.rbac.v3.RBAC, rules: {" + rules
                + "}}}, ";
    }

    /** A filter of any kind. */
    static String filter(String name, String type, String fields) {
        return "{name: " + name + ", typed_config: {" + TYPE + type + ", " + fields + "}}, ";
    }

    /** Names that a peer's certificate must have, one of them. */
    static String names(String matchers) {
        return "match_typed_subject_alt_names: [" + matchers + "]";
    }

    /** Mutual TLS: the socket of a server's chain. */
    static String mutualTls(String names, String fields) {
        return "  transport_socket: {name: tls, typed_config: {" + TYPE
                + "transport_sockets.tls.v3.DownstreamTlsContext, require_client_certificate: true, "
                + common(names, "h2, http/1.1", fields) + "}}\n";
    }

    /** No TLS. */
    static String clear() {
        return "";
    }

    private static String common(String names, String alpn, String fields) {
        return "common_tls_context: {alpn_protocols: [" + alpn + "], " + OWN + ", " + fields
                + "combined_validation_context: {default_validation_context: {" + names
                + "}, validation_context_sds_secret_config: " + ROOTS + "}}";
    }

    /** A connection manager that sends everything to a cluster. */
    static String http(String rules, String filters, String routes) {
        return """
                name: http
                typed_config:
                  TYPEfilters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: http
                  RULES
                  route_config: {name: routes, virtual_hosts: [{name: all, domains: ['*'], routes: [ROUTES]}]}
                  http_filters: [FILTERS{name: router, typed_config: {TYPEfilters.http.router.v3.Router}}]
                """.replace("RULES", rules.isEmpty() ? "via: ''" : rules)
                .replace("FILTERS", filters)
                .replace("ROUTES", routes)
                .replace("TYPE", TYPE);
    }

    /** A server's listener with chains as {@link #chain} makes them. */
    static Listener inbound(String fields, String... chains) {
        return read(
                "name: in\naddress: {socket_address: {address: 127.0.0.1, port_value: " + PORT
                        + "}}\ntraffic_direction: INBOUND\n" + fields
                        + "\nlistener_filters: [{name: tls, typed_config: {" + TYPE
                        + "filters.listener.tls_inspector.v3.TlsInspector}}]\nfilter_chains:\n"
                        + String.join("", chains),
                Listener.newBuilder());
    }

    /** A chain; {@code match} without braces. */
    static String chain(String match, String socket, String http) {
        return "- filter_chain_match: {" + match + "}\n" + socket + "  filters:\n  - "
                + http.indent(4).strip() + "\n";
    }

    /** The usual server: mutual TLS for everyone whom the roots vouch for. */
    static Listener server(String rules, String filters) {
        return inbound("", chain("", mutualTls(ANY_PEER, ""), http(rules, filters, toApplication())));
    }

    /** The same in the clear, on a port that Envoy can bind. */
    static Listener clearServer(int port, String rules, String filters) {
        Listener listener = inbound("", chain("", clear(), http(rules, filters, toApplication())));
        return listener.toBuilder()
                .setAddress(EnvoyProcess.loopback(port))
                .setTrafficDirection(TrafficDirection.UNSPECIFIED)
                .build();
    }

    /** For an Envoy that has these listeners, and whose application is nowhere. */
    static Bootstrap bootstrap(Listener... listeners) {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap
                .getStaticResourcesBuilder()
                .addAllListeners(List.of(listeners))
                .addClusters(application());
        return bootstrap.build();
    }

    /** All requests to the application. */
    static String toApplication() {
        return "{match: {prefix: /}, route: {cluster: app}}";
    }

    /** A client's listener. */
    static Listener outbound(String routes) {
        return read(
                "name: out\naddress: {socket_address: {address: 0.0.0.0, port_value: " + PORT
                        + "}}\ntraffic_direction: OUTBOUND\nfilter_chains:\n- filters:\n  - "
                        + http("", "", routes).indent(4).strip() + "\n",
                Listener.newBuilder());
    }

    /** Hosts that are spoken to over mutual TLS, in HTTP/1.1 or HTTP/2. */
    static Cluster cluster(String name, int version, String names, int port) {
        return read(
                cluster(name, port) + "transport_socket: {name: tls, typed_config: {" + TYPE
                        + "transport_sockets.tls.v3.UpstreamTlsContext, sni: server.example, "
                        + common(names, version == 1 ? "http/1.1" : "h2", "")
                        + "}}\ntyped_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {"
                        + TYPE + "upstreams.http.v3.HttpProtocolOptions, explicit_http_config: {"
                        + (version == 1 ? "http_protocol_options" : "http2_protocol_options") + ": {}}}}\n",
                Cluster.newBuilder());
    }

    private static String cluster(String name, int port) {
        return "name: " + name + "\ntype: STATIC\nload_assignment: {cluster_name: " + name
                + ", endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: "
                + port + "}}}}]}]}\n";
    }

    /** What a server's routes lead to. */
    static Cluster application() {
        return read(cluster("app", PORT), Cluster.newBuilder());
    }

    /** The secret {@code own}. */
    static Secret own(X509Bundle identity) {
        return Resources.certificate("own", identity.getCertificatePathPEM(), identity.getPrivateKeyPEM());
    }

    /** The secret {@code roots}. */
    static Secret roots(X509Bundle... roots) {
        StringBuilder pem = new StringBuilder();
        for (X509Bundle root : roots) {
            pem.append(root.getCertificatePEM()).append('\n');
        }
        return Secret.newBuilder()
                .setName("roots")
                .setValidationContext(CertificateValidationContext.newBuilder()
                        .setTrustedCa(DataSource.newBuilder().setInlineString(pem.toString())))
                .build();
    }

    private static Listener read(String yaml, Listener.Builder builder) {
        merge(yaml, builder);
        return builder.build();
    }

    private static Cluster read(String yaml, Cluster.Builder builder) {
        merge(yaml, builder);
        return builder.build();
    }

    private static void merge(String yaml, Message.Builder builder) {
        try {
            builder.mergeFrom(YamlMessages.read(
                            "configuration",
                            yaml,
                            builder.getDefaultInstanceForType().newBuilderForType())
                    .build());
        } catch (Exception e) {
            throw new IllegalStateException(yaml, e);
        }
    }
}
