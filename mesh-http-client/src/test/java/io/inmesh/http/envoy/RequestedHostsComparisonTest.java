package io.inmesh.http.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.envoy.EnvoyProcess;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.files.YamlMessages;
import io.inmesh.xds.testing.ControlPlane;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same clusters, whose requests name their hosts, and the same requests in Envoy and here. Envoy listens where the mesh's client is told that a listener is: at the port of the
 * application, of another address. So a request for {@code localhost} at that port takes the listener in the one and in the other, and comes to the application.
 */
class RequestedHostsComparisonTest {
    private static final String ENVOY = "127.0.0.2";
    private static final String TYPE = "'@type': type.googleapis.com/envoy.extensions.";

    /** What is compared of a response. */
    private static final List<String> TOLD = List.of("x-flags", "x-details", "x-host", "x-envoy-attempt-count");

    private static final HttpTestServer APPLICATION = HttpTestServer.start(
            request -> HttpTestServer.Response.ok(request.header("host") + " asked for " + request.uri()));
    private static final ControlPlane CONTROL_PLANE = ControlPlane.start();
    private static final Mesh MESH = Mesh.builder()
            .source(XdsSource.builder()
                    .server(CONTROL_PLANE.target())
                    .node("mesh", "comparison")
                    .dialect(XdsDialect.envoy())
                    .build())
            .build();
    private static final MeshHttpClient CLIENT = MeshHttpClient.create(MESH);
    private static @Nullable EnvoyProcess envoy;

    @BeforeAll
    static void start() throws Exception {
        Path binary = EnvoyProcess.binaryOrSkip();
        Listener listener = YamlMessages.read("comparison", written(LISTENER), Listener.newBuilder())
                .build();
        List<Cluster> clusters = List.of(
                cluster(proxy("proxy", dns("d", 1000))),
                cluster(proxy("full", dns("one", 1))),
                cluster(original("original", "")),
                cluster(original("port", ", http_header_name: X-To, upstream_port_override: PORT")),
                cluster("name: black-hole\ntype: STATIC\nconnect_timeout: 10s"));
        Message[] all = new Message[clusters.size() + 1];
        for (int i = 0; i < clusters.size(); i++) {
            all[i] = clusters.get(i);
        }
        all[clusters.size()] = listener;
        CONTROL_PLANE.set(all);
        envoy = EnvoyProcess.start(
                binary,
                Bootstrap.newBuilder()
                        .setStaticResources(Bootstrap.StaticResources.newBuilder()
                                .addAllClusters(clusters)
                                .addListeners(listener))
                        .build());
    }

    @AfterAll
    static void stop() {
        CLIENT.shutdownNow();
        MESH.close();
        CONTROL_PLANE.close();
        APPLICATION.close();
        if (envoy != null) {
            envoy.close();
        }
    }

    private static String written(String yaml) {
        return yaml.replace("PORT", Integer.toString(APPLICATION.port()));
    }

    private static Cluster cluster(String yaml) throws ResourceFileException {
        return YamlMessages.read("comparison", written(yaml), Cluster.newBuilder())
                .build();
    }

    private static final String LISTENER =
            """
            name: outbound
            traffic_direction: OUTBOUND
            address: {socket_address: {address: 127.0.0.2, port_value: PORT}}
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  TYPEfilters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: a
                  http_filters:
                  - {name: proxy, typed_config: {TYPEfilters.http.dynamic_forward_proxy.v3.FilterConfig, dns_cache_config: DNS}}
                  - {name: one, disabled: true, typed_config: {TYPEfilters.http.dynamic_forward_proxy.v3.FilterConfig, dns_cache_config: ONE}}
                  - {name: router, typed_config: {TYPEfilters.http.router.v3.Router}}
                  route_config:
                    name: routes
                    virtual_hosts:
                    - name: allow_any
                      domains: ['*']
                      include_attempt_count_in_response: true
                      retry_policy: {retry_on: '5xx,connect-failure,reset', num_retries: 1}
                      response_headers_to_add:
                      - {header: {key: x-flags, value: '%RESPONSE_FLAGS%'}}
                      - {header: {key: x-details, value: '%RESPONSE_CODE_DETAILS%'}}
                      - {header: {key: x-host, value: '%UPSTREAM_HOST%'}}
                      routes:
                      - {match: {prefix: /rewritten}, route: {cluster: proxy, host_rewrite_literal: 'LOCALHOST:PORT'}}
                      - {match: {prefix: /by-host}, route: {cluster: proxy, auto_host_rewrite: true}}
                      - {match: {prefix: /proxy}, route: {cluster: proxy}}
                      - match: {prefix: /full}
                        route: {cluster: full}
                        typed_per_filter_config: {one: {TYPEfilters.http.dynamic_forward_proxy.v3.PerRouteConfig}}
                      - {match: {prefix: /original}, route: {cluster: original}}
                      - {match: {prefix: /port}, route: {cluster: port}}
                      - {match: {prefix: /black-hole}, route: {cluster: black-hole}}
            """.replace("TYPE", TYPE).replace("DNS", dns("d", 1000)).replace("ONE", dns("one", 1));

    /** Envoy would ask again for ever on a machine without DNS. */
    private static String dns(String name, int hosts) {
        return "{name: " + name + ", dns_lookup_family: V4_ONLY, max_hosts: " + hosts
                + ", dns_query_timeout: 0s, typed_dns_resolver_config: {name: envoy.network.dns_resolver.getaddrinfo,"
                + " typed_config: {" + TYPE
                + "network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig, num_retries: 1}}}";
    }

    private static String proxy(String name, String dns) {
        return "name: " + name + "\nlb_policy: CLUSTER_PROVIDED\nconnect_timeout: 40s\ncluster_type: {name: "
                + "envoy.clusters.dynamic_forward_proxy, typed_config: {" + TYPE
                + "clusters.dynamic_forward_proxy.v3.ClusterConfig, dns_cache_config: " + dns + "}}";
    }

    private static String original(String name, String more) {
        return "name: " + name + "\ntype: ORIGINAL_DST\nlb_policy: CLUSTER_PROVIDED\nconnect_timeout: 10s\n"
                + "original_dst_lb_config: {use_http_header: true" + more + "}";
    }

    /** Where a request goes, or what it is answered. */
    private record Answer(int status, String body, Map<String, String> told) {
        static Answer of(int status, String body, Map<String, List<String>> headers) {
            Map<String, String> told = new TreeMap<>();
            for (String name : TOLD) {
                List<String> values = headers.get(name);
                if (values != null) {
                    // What stands in braces is in the words of the system.
                    told.put(name, String.join(",", values).replaceAll("\\{.*\\}", "{}"));
                }
            }
            // Envoy writes flags in the order in which they came up.
            told.computeIfPresent("x-flags", (name, flags) -> new TreeSet<>(List.of(flags.split(","))).toString());
            return new Answer(status, body, told);
        }
    }

    private static Answer ofMesh(String host, String path, String... header) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://" + host + ":" + APPLICATION.port() + path))
                .timeout(Duration.ofSeconds(50));
        if (header.length > 0) {
            request.headers(header);
        }
        HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
        HttpHeaders headers = response.headers();
        return Answer.of(response.statusCode(), response.body(), headers.map());
    }

    /** By hand, for the JDK's client sets no Host. */
    private static Answer ofEnvoy(String host, String path, String... header) throws Exception {
        StringBuilder request = new StringBuilder(
                "GET " + path + " HTTP/1.1\r\nHost: " + host + ":" + APPLICATION.port() + "\r\nConnection: close\r\n");
        for (int i = 0; i < header.length; i += 2) {
            request.append(header[i]).append(": ").append(header[i + 1]).append("\r\n");
        }
        try (Socket socket = new Socket(InetAddress.getByName(ENVOY), APPLICATION.port())) {
            socket.setSoTimeout(50_000);
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
            String[] parts = text(socket.getInputStream()).split("\r\n\r\n", 2);
            String[] lines = parts[0].split("\r\n");
            Map<String, List<String>> headers = new TreeMap<>();
            for (int i = 1; i < lines.length; i++) {
                String[] field = lines[i].split(": ", 2);
                headers.put(field[0].toLowerCase(Locale.ROOT), List.of(field[1]));
            }
            return Answer.of(Integer.parseInt(lines[0].split(" ", 3)[1]), parts[1], headers);
        }
    }

    private static String text(InputStream in) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        in.transferTo(all);
        return all.toString(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost,             /proxy/a,    200",
        "LocalHost,             /proxy/b,    200",
        "127.0.0.1,             /proxy/c,    200",
        "no-such-name.invalid,  /proxy,      503",
        // Nobody listens there.
        "127.0.0.9,             /proxy,      503",
        "127.0.0.1,             /rewritten,  200",
        "localhost,             /by-host,    200",
        "localhost,             /black-hole, 503"
    })
    void request_goesWhereItGoesInEnvoyOrIsAnsweredAlike(String host, String path, int status) throws Exception {
        Answer envoys = ofEnvoy(host, path);
        assertThat(envoys.status()).isEqualTo(status);
        assertThat(envoys.told()).containsKey("x-flags");

        assertThat(ofMesh(host, path)).isEqualTo(envoys);
    }

    @Test
    void request_forOneHostMoreThanThereMayBe_isAnsweredAsInEnvoy() throws Exception {
        for (String host : List.of("localhost", "127.0.0.1", "localhost")) {
            Answer envoys = ofEnvoy(host, "/full");
            assertThat(envoys.body())
                    .isEqualTo(
                            host.equals("localhost")
                                    ? "localhost:" + APPLICATION.port() + " asked for /full"
                                    : "DNS cache overflow");
            assertThat(ofMesh(host, "/full")).isEqualTo(envoys);
        }
    }

    /** Envoy has no other destination of the request here, so the rows are those where the header decides. */
    @ParameterizedTest
    @CsvSource({
        "/original, x-envoy-original-dst-host, 127.0.0.1:PORT, 200",
        "/original, x-envoy-original-dst-host, 127.0.0.9:PORT, 503",
        "/port,     x-to,                      127.0.0.1:1,    200",
        "/port,     X-TO,                      127.0.0.9:1,    503",
    })
    void originalDestination_byHeader_asInEnvoy(String path, String name, String value, int status) throws Exception {
        String address = value.replace("PORT", Integer.toString(APPLICATION.port()));
        Answer envoys = ofEnvoy("anything.example", path, name, address);
        assertThat(envoys.status()).isEqualTo(status);

        assertThat(ofMesh("anything.example", path, name, address)).isEqualTo(envoys);
    }

    /** The one difference: a header that is no address leaves Envoy without any here, and a caller in process with its own destination. */
    @Test
    void originalDestination_headerThatIsNone_isTheApplicationsOwn() throws Exception {
        String[] header = {"x-envoy-original-dst-host", "localhost:" + APPLICATION.port()};
        assertThat(ofEnvoy("localhost", "/original", header).body()).isEqualTo("no healthy upstream");
        assertThat(ofMesh("localhost", "/original", header).status()).isEqualTo(200);
    }
}
