package io.inmesh.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.grpc.TokenFile;
import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UpstreamTls;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BootstrapTest {
    private static final String ENVOY = """
            node:
              id: web-1
              cluster: web
              locality: {region: eu, zone: eu-1, sub_zone: r7}
              metadata: {team: shop, ports: [80, 443], deep: {on: true}}
            admin:
              address: {socket_address: {address: 127.0.0.1, port_value: 9901}}
            dynamic_resources:
              ads_config:
                api_type: DELTA_GRPC
                transport_api_version: V3
                grpc_services:
                - envoy_grpc: {cluster_name: xds}
                  initial_metadata: [{key: x-token, value: t}]
                - google_grpc: {target_uri: "dns:///backup:18000", stat_prefix: b}
              lds_config: {ads: {}, resource_api_version: V3}
              cds_config: {ads: {}, resource_api_version: V3}
            static_resources:
              secrets: [{name: s}]
              clusters:
              - name: other
              - name: xds
                load_assignment:
                  cluster_name: xds
                  endpoints:
                  - lb_endpoints:
                    - endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 18000}}}
                    - endpoint: {address: {socket_address: {address: "::1", port_value: 18001}}}
            """;

    @Test
    void envoy_wholeBootstrap_nodeServersStaticsAndWhatHasNoEffect() throws ResourceFileException {
        Bootstrap bootstrap = Bootstrap.parse("b.yaml", ENVOY);
        assertThat(bootstrap.node().id()).isEqualTo("web-1");
        assertThat(bootstrap.node().zone()).isEqualTo("eu-1");
        assertThat(bootstrap.node().metadata())
                .isEqualTo(Map.of("team", "shop", "ports", List.of(80.0, 443.0), "deep", Map.of("on", true)));
        assertThat(bootstrap.servers())
                .extracting(XdsServer::target)
                .containsExactly("10.0.0.1:18000", "[::1]:18001", "dns:///backup:18000");
        assertThat(bootstrap.servers()).allMatch(each -> each.transport() == XdsTransport.INCREMENTAL);
        assertThat(bootstrap.servers().get(0).metadata()).isEqualTo(Map.of("x-token", "t"));
        assertThat(bootstrap.wildcards()).containsExactlyInAnyOrder(ResourceKind.LISTENER, ResourceKind.CLUSTER);
        assertThat(bootstrap.listenerTemplate()).isNull();
        assertThat(bootstrap.staticResources())
                .extracting(each -> each.kind() + " " + each.name())
                .containsExactly("CLUSTER other", "CLUSTER xds", "SECRET s");
        assertThat(bootstrap.unsupported()).containsExactly("admin");
    }

    @Test
    void envoy_stateOfTheWorldAndTlsWithoutConfiguration_transportKeptAndConnectionMarked()
            throws ResourceFileException {
        String tls = ENVOY.replace("DELTA_GRPC", "GRPC")
                .replace("- name: xds\n", "- name: xds\n    transport_socket: {name: envoy.transport_sockets.tls}\n");
        Bootstrap bootstrap = Bootstrap.parse("b.yaml", tls);
        assertThat(bootstrap.servers().get(0).transport()).isEqualTo(XdsTransport.STATE_OF_THE_WORLD);
        assertThat(bootstrap.servers().get(0).security())
                .isInstanceOfSatisfying(Security.Unsupported.class, unsupported -> assertThat(unsupported.what())
                        .startsWith("b.yaml: the transport_socket of cluster xds: "));
        assertThat(bootstrap.servers().get(2).security()).isEqualTo(new Security.Plaintext());
    }

    @Test
    void envoy_tlsOfTheCluster_isItsServersTls() throws ResourceFileException {
        Bootstrap bootstrap = Bootstrap.parse("b.yaml", ENVOY.replace("- name: xds\n", """
                - name: xds
                    transport_socket:
                      name: envoy.transport_sockets.tls
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                        sni: istiod.istio-system.svc
                        common_tls_context:
                          tls_certificates:
                          - {certificate_chain: {filename: /c.pem}, private_key: {filename: /k.pem}}
                          validation_context: {trusted_ca: {filename: /ca.pem}}
                """));
        UpstreamTls tls = ((Security.Tls) bootstrap.servers().get(1).security()).settings();
        assertThat(tls.sni()).isEqualTo("istiod.istio-system.svc");
        assertThat(tls.common().certificates())
                .containsExactly(new CertificateSource.Given(Secret.Certificate.of(
                        new DataSource.File("/c.pem", null), new DataSource.File("/k.pem", null))));
        assertThat(Objects.requireNonNull(tls.common().validation()).trustedCa())
                .isEqualTo(new DataSource.File("/ca.pem", null));
    }

    static List<Arguments> googleCredentials() {
        return List.of(
                Arguments.of("", "Plaintext[]"),
                Arguments.of(", channel_credentials: {ssl_credentials: {root_certs: {filename: /ca}}}", "/ca"),
                Arguments.of(", channel_credentials: {ssl_credentials: {}}", "systemRoots=true"),
                Arguments.of(", channel_credentials: {google_default: {}}", "of the kind GOOGLE_DEFAULT"),
                Arguments.of(
                        ", channel_credentials: {ssl_credentials: {private_key: {filename: /k}}}",
                        "only one of cert_chain and private_key"),
                Arguments.of(", call_credentials: [{access_token: t}]", "google_grpc.call_credentials"));
    }

    @ParameterizedTest
    @MethodSource
    void googleCredentials(String credentials, String expected) throws ResourceFileException {
        Bootstrap bootstrap =
                Bootstrap.parse("b.yaml", ENVOY.replace(", stat_prefix: b", ", stat_prefix: b" + credentials));
        assertThat(bootstrap.servers().get(2).security().toString()).contains(expected);
    }

    @Test
    void grpc_tlsAndToken_areRead() throws ResourceFileException {
        Bootstrap bootstrap = Bootstrap.parse("b.json", """
                {"xds_servers": [{"server_uri": "istiod.istio-system.svc:15012",
                  "channel_creds": [{"type": "google_default"}, {"type": "tls", "config": {
                    "ca_certificate_file": "/ca.pem", "certificate_file": "/c.pem", "private_key_file": "/k.pem"}}],
                  "call_creds": [{"type": "other"}, {"type": "jwt_token_file", "config": {"jwt_token_file": "/t"}}]}]}
                """);
        XdsServer server = bootstrap.servers().get(0);
        UpstreamTls tls = ((Security.Tls) server.security()).settings();
        assertThat(tls.sni()).isEqualTo("istiod.istio-system.svc");
        assertThat(tls.common().certificates()).hasSize(1);
        assertThat(server.token()).isEqualTo(TokenFile.bearer(Path.of("/t")));
    }

    @Test
    void grpc_bootstrap_serversNodeAndTemplate() throws ResourceFileException {
        Bootstrap bootstrap = Bootstrap.parse("GRPC_XDS_BOOTSTRAP_CONFIG", """
                {"xds_servers": [{"server_uri": "xds:18000", "channel_creds": [{"type": "tls"}, {"type": "insecure"}],
                                  "server_features": ["xds_v3"]},
                                 {"server_uri": "safe:18000", "channel_creds": [{"type": "google_default"}]}],
                 "node": {"id": "n", "cluster": "c", "locality": {"zone": "z"}, "metadata": {"a": null, "b": "c"}},
                 "client_default_listener_resource_name_template": "xdstp://x/%s",
                 "server_listener_resource_name_template": "inbound/%s",
                 "certificate_providers": {}}
                """);
        assertThat(bootstrap.servers()).extracting(XdsServer::target).containsExactly("xds:18000", "safe:18000");
        assertThat(bootstrap.servers().get(0).security()).isInstanceOfSatisfying(Security.Tls.class, tls -> assertThat(
                        Objects.requireNonNull(tls.settings().common().validation())
                                .systemRoots())
                .isTrue());
        assertThat(bootstrap.servers().get(1).security()).isInstanceOf(Security.Unsupported.class);
        assertThat(bootstrap.node().zone()).isEqualTo("z");
        assertThat(bootstrap.node().metadata()).isEqualTo(Map.of("b", "c"));
        assertThat(bootstrap.wildcards()).isEmpty();
        assertThat(bootstrap.listenerTemplate()).isEqualTo("xdstp://x/%s");
        assertThat(bootstrap.serverListenerTemplate()).isEqualTo("inbound/%s");
        assertThat(bootstrap.unsupported()).containsExactly("certificate_providers");
    }

    static List<Arguments> broken() {
        return List.of(
                Arguments.of("node:\n  id: [1, 2\n", "b.yaml:", "is not YAML"),
                Arguments.of("node:\n  idd: x\n", "b.yaml:2", "idd"),
                Arguments.of(
                        "dynamic_resources:\n  lds_config: {ads: {}}\n",
                        "b.yaml:1: dynamic_resources",
                        "no ads_config"),
                Arguments.of(
                        "dynamic_resources:\n  cds_config:\n    path_config_source: {path: /x}\n",
                        "b.yaml:2: dynamic_resources.cds_config",
                        "expected \"ads: {}\""),
                Arguments.of(
                        ENVOY.replace("DELTA_GRPC", "REST"),
                        "b.yaml:10: dynamic_resources.ads_config.api_type",
                        "is REST; expected DELTA_GRPC or GRPC"),
                Arguments.of(
                        ENVOY.replace("cluster_name: xds}", "cluster_name: nope}"),
                        "b.yaml:13: dynamic_resources.ads_config.grpc_services[0].envoy_grpc.cluster_name",
                        "there is no cluster 'nope'"),
                Arguments.of(
                        ENVOY.replace("port_value: 18001", "port_value: 0"),
                        "static_resources.clusters[1].load_assignment.endpoints",
                        "port_value from 1 to 65535"),
                Arguments.of("{\"xds_servers\":\n []}", "b.yaml:1: xds_servers", "expected at least one server"),
                Arguments.of(
                        "{\"xds_servers\": [\n {\"server_uri\": 5}]}",
                        "b.yaml:2: xds_servers[0].server_uri",
                        "expected a string"),
                Arguments.of(
                        "{\"xds_servers\": [\n {\"server_uri\": \"a\"}]}",
                        "b.yaml:2: xds_servers[0].channel_creds",
                        "expected a list with at least one"),
                Arguments.of(
                        "{\"xds_servers\": [{\"server_uri\": \"a\",\n \"channel_creds\": [{\"type\": \"tls\"}],\n"
                                + " \"call_creds\": [{\"type\": \"x\"}]}]}",
                        "b.yaml:3: xds_servers[0].call_creds",
                        "none of [x] is supported; expected jwt_token_file"),
                Arguments.of(
                        "{\"xds_servers\": [{\"server_uri\": \"a\",\n \"channel_creds\": [{\"type\": \"tls\","
                                + " \"config\": {\"private_key_file\": \"k\"}}]}]}",
                        "xds_servers[0].channel_creds[0].config",
                        "expected certificate_file and private_key_file together"));
    }

    @ParameterizedTest
    @MethodSource
    void broken(String text, String place, String reason) {
        assertThatThrownBy(() -> Bootstrap.parse("b.yaml", text))
                .isInstanceOf(ResourceFileException.class)
                .hasMessageContaining(place)
                .hasMessageContaining(reason);
    }

    @Test
    void read_fileThatIsNotThere_saysWhatWasExpected() {
        assertThatThrownBy(() -> Bootstrap.read(Path.of("/no/such/bootstrap.yaml")))
                .hasMessage("/no/such/bootstrap.yaml: there is no such file; expected an Envoy or gRPC bootstrap");
    }
}
