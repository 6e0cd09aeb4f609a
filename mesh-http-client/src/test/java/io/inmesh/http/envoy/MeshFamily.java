package io.inmesh.http.envoy;

import java.util.List;

/**
 * What a mesh configures on the two sides of a connection: the names in certificates, how they are verified, and the filter chains of a port.
 *
 * <p>The forms are those that istiod 1.31 and kuma-cp 2.14 send.
 */
enum MeshFamily {
    ISTIO(
            "cluster.local",
            "spiffe://cluster.local/ns/default/sa/web",
            "spiffe://cluster.local/ns/default/sa/reviews",
            "match_subject_alt_names: [{exact: '%s'}]",
            "match_subject_alt_names: [{prefix: 'spiffe://cluster.local/'}]",
            "tls_params: {tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_3}, ",
            "alpn_protocols: [h2, http/1.1], ",
            "forward_client_cert_details: APPEND_FORWARD, set_current_client_cert_details: {subject: true, dns: true, uri: true}, "),
    /** A certificate authority of a whole mesh, and all tags of a workload in its certificate. TLS is 1.2, as Envoy's clients have it by default. */
    KUMA_AUTHORITY(
            "default",
            "spiffe://default/web kuma://kuma.io/service/web kuma://version/v1",
            "spiffe://default/orders kuma://kuma.io/service/orders",
            "match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: '%s'}}]",
            "match_typed_subject_alt_names: [{san_type: URI, matcher: {prefix: 'spiffe://default/'}}]",
            "",
            "",
            "forward_client_cert_details: SANITIZE_SET, set_current_client_cert_details: {uri: true}, "),
    /** Envoy's SPIFFE validator, with a bundle for each of several trust domains. */
    KUMA_IDENTITY(
            "shop.zone-1.mesh.local",
            "spiffe://shop.zone-1.mesh.local/workload/web",
            "spiffe://shop.zone-1.mesh.local/workload/orders",
            "match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: 'spiffe://shop/orders'}},"
                    + " {san_type: URI, matcher: {exact: '%s'}}]",
            "match_typed_subject_alt_names: [{san_type: URI, matcher: {prefix: 'spiffe://shop.zone-1.mesh.local/'}}]",
            "tls_params: {tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_3}, ",
            "",
            "forward_client_cert_details: SANITIZE_SET, set_current_client_cert_details: {uri: true}, ");

    /** Whose workloads call as well; for {@link #KUMA_IDENTITY} with a bundle of its own. */
    static final String PARTNER = "partner.example";

    final String trustDomain;
    final String acceptedClients;
    final String parameters;
    final String serverAlpn;
    final String clientCertificateHeader;
    private final String clientNames;
    private final String serverNames;
    private final String acceptedServers;

    MeshFamily(
            String trustDomain,
            String clientNames,
            String serverNames,
            String acceptedServers,
            String acceptedClients,
            String parameters,
            String serverAlpn,
            String clientCertificateHeader) {
        this.trustDomain = trustDomain;
        this.clientNames = clientNames;
        this.serverNames = serverNames;
        this.acceptedServers = acceptedServers;
        this.acceptedClients = acceptedClients;
        this.parameters = parameters;
        this.serverAlpn = serverAlpn;
        this.clientCertificateHeader = clientCertificateHeader;
    }

    /** The URI names of a client's certificate. */
    List<String> clientNames() {
        return List.of(clientNames.split(" ", -1));
    }

    /** The URI names of a server's certificate. */
    List<String> serverNames() {
        return List.of(serverNames.split(" ", -1));
    }

    /** The condition on a server's name. */
    String acceptedServer(String name) {
        return String.format(acceptedServers, name);
    }

    /** Whether {@code SPIFFECertValidatorConfig} is used, and not {@code trusted_ca}. */
    boolean usesSpiffeValidator() {
        return this == KUMA_IDENTITY;
    }

    /** The filter chains of a port: their matches, and whether they have mutual TLS. */
    List<Chain> chains(boolean permissive) {
        if (this == ISTIO) {
            return permissive
                    ? List.of(
                            new Chain(
                                    "transport_protocol: tls, application_protocols:"
                                            + " [istio, istio-peer-exchange, istio-http/1.0, istio-http/1.1, istio-h2]",
                                    true),
                            new Chain("transport_protocol: raw_buffer", false))
                    : List.of(new Chain("transport_protocol: tls", true));
        }
        return permissive
                ? List.of(
                        new Chain("transport_protocol: raw_buffer", false),
                        new Chain("transport_protocol: tls", false),
                        new Chain("transport_protocol: tls, application_protocols: [kuma]", true))
                : List.of(new Chain(
                        this == KUMA_IDENTITY
                                ? "server_names: ['orders{mesh=default,version=v1}']"
                                : "server_names: []",
                        true));
    }

    /** A filter chain; {@code match} as in YAML, without the port. */
    record Chain(String match, boolean mutualTls) {}
}
