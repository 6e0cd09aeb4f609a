package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.model.ClientRules;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundListener;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.envoy.InboundSide;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The inbound listeners that istiod made of {@code security.yaml}, {@code sidecars.yaml} and {@code patches.yaml}: who gets in, and what becomes of a request. */
class IstioServerTest {
    private static final String WEB = "spiffe://cluster.local/ns/default/sa/web";
    private static final Listener GUARDED = Shapes.wire("istio/guarded-virtualInbound.pb");
    private static final Listener FRONTED = Shapes.wire("istio/fronted-virtualInbound.pb");

    /** Columns: port; {@code tls} with these ALPN values or {@code clear}; request; what becomes of it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    18500 | tls istio-http/1.1 | GET /principals | 0.0.0.0_18500 application
                    18500 | tls istio          | GET /principals | 0.0.0.0_18500 application
                    18500 | tls istio-h2       | GET /else       | 0.0.0.0_18500 403
                    18500 | clear              | GET /principals | 0.0.0.0_18500 403
                    18500 | clear              | PUT /methods    | 0.0.0.0_18500 application
                    18500 | tls h2             | GET /principals | no filter chain
                    18501 | clear              | GET /any        | 0.0.0.0_18501 application
                    18503 | tls istio-http/1.1 | GET /principals | 0.0.0.0_18503 application
                    18503 | tls istio-h2       | GET /principals | 0.0.0.0_18503 application
                    18503 | clear              | PUT /methods    | 0.0.0.0_18503 application
                    18503 | tls istio          | GET /principals | 0.0.0.0_18503: it ends in no HTTP
                    18502 | tls istio          | GET /principals | 0.0.0.0_18502: it ends in no HTTP
                    18502 | clear              | GET /principals | no filter chain
                    """)
    void modes_ofPorts_letInWhoTheYamlLetsIn(int port, String tls, String request, String expected) {
        assertThat(outcome(GUARDED, port, tls, request)).contains(expected);
    }

    /** istiod tells the inspectors the ports that need none; a ClientHello is bytes like others there. */
    @Test
    void disable_atAPort_takesEveryConnectionAsPlaintext() {
        assertThat(outcome(GUARDED, 18_501, "tls istio-h2", "GET /any")).startsWith("0.0.0.0_18501 ");
        assertThat(choice(GUARDED, 18_501, "tls istio-h2").tls()).isNull();
    }

    @Test
    void server_tls_asksForACertificateOfTheMesh() {
        var tls = Objects.requireNonNull(choice(GUARDED, 18_500, "tls istio").tls());

        assertThat(tls.requireClientCertificate()).isTrue();
        assertThat(tls.common().alpn()).containsExactly("h2", "http/1.1");
        assertThat(tls.common().parameters().minimum()).isEqualTo(TlsContext.Version.TLS_1_2);
        assertThat(tls.secrets()).extracting(SecretName::name).containsExactly("default", "ROOTCA");
        assertThat(Objects.requireNonNull(tls.common().validation()).subjectAltNames())
                .extracting(SubjectAltNameMatcher::matcher)
                .contains(
                        new StringMatcher.Prefix("spiffe://cluster.local/", false),
                        new StringMatcher.Prefix("spiffe://old.local/", false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    istio/closed-virtualInbound.pb | 18500 | tls istio-h2       | GET /        | 403
                    istio/closed-virtualInbound.pb | 18500 | clear              | GET /        | 403
                    istio/closed-virtualInbound.pb | 7777  | tls istio-h2       | GET /        | 403
                    istio/custom-virtualInbound.pb | 18500 | tls istio-h2       | GET /guarded | external authorization
                    istio/custom-virtualInbound.pb | 18500 | tls istio-h2       | GET /open    | external authorization
                    istio/custom-virtualInbound.pb | 18500 | clear              | GET /guarded | external authorization
                    """)
    void authorization_thatCannotBeAsked_letsNobodyThrough(
            String file, int port, String tls, String request, String expected) {
        assertThat(outcome(Shapes.wire(file), port, tls, request)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    19999 | tls istio-h2       | GET /  | 0.0.0.0_19999 application
                    19999 | clear              | GET /  | 0.0.0.0_19999 application
                    8888  | tls istio-h2       | GET /  | virtualInbound-catchall-http application
                    8888  | clear              | GET /  | virtualInbound-catchall-http application
                    15006 | clear              | GET /  | virtualInbound-blackhole
                    """)
    void sidecar_ingress_hasChainsOfItsOwn(int port, String tls, String request, String expected) {
        assertThat(outcome(Shapes.wire("istio/narrow-virtualInbound.pb"), port, tls, request))
                .contains(expected);
    }

    /** {@code meshMTLS} of {@code mesh.yaml}: istiod takes no curves there. */
    @Test
    void server_tlsOfTheMesh_hasItsVersionAndCiphers() {
        var tls = Objects.requireNonNull(choice(Shapes.wire("istio/tls-virtualInbound.pb"), 7777, "tls istio-h2")
                .tls());

        assertThat(tls.common().parameters())
                .isEqualTo(new TlsContext.Parameters(
                        TlsContext.Version.TLS_1_3,
                        TlsContext.Version.TLS_1_3,
                        List.of("ECDHE-RSA-AES256-GCM-SHA384"),
                        List.of()));
    }

    /** Columns: port; how it comes; what becomes of it. At 19445 the mesh's TLS is on, and istiod leaves the Sidecar's own out. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    19443 | tls http/1.1       | 0.0.0.0_19443 application
                    19443 | tls h2             | 0.0.0.0_19443 application
                    19443 | clear              | no filter chain
                    19444 | tls http/1.1       | 0.0.0.0_19444 application
                    19444 | clear              | no filter chain
                    19445 | tls istio-h2       | 0.0.0.0_19445 application
                    """)
    void sidecar_ingressWithTlsOfItsOwn_letsInWhoSpeaksIt(int port, String tls, String expected) {
        assertThat(outcome(FRONTED, port, tls, "GET /")).contains(expected);
    }

    @Test
    void sidecar_ingressWithTlsOfItsOwn_showsTheGivenFiles() {
        var simple = Objects.requireNonNull(choice(FRONTED, 19_443, "tls h2").tls());
        assertThat(simple.secrets())
                .extracting(SecretName::name)
                .containsExactly("file-cert:/etc/certs/server.pem~/etc/certs/server.key");
        assertThat(simple.requireClientCertificate()).isFalse();
        assertThat(simple.common().parameters())
                .isEqualTo(new TlsContext.Parameters(
                        TlsContext.Version.TLS_1_2,
                        TlsContext.Version.TLS_1_3,
                        List.of("ECDHE-RSA-AES128-GCM-SHA256"),
                        List.of()));
        var mutual = Objects.requireNonNull(choice(FRONTED, 19_444, "tls h2").tls());
        assertThat(mutual.secrets())
                .extracting(SecretName::name)
                .containsExactly(
                        "file-cert:/etc/certs/server.pem~/etc/certs/server.key", "file-root:/etc/certs/clients.pem");
        assertThat(mutual.requireClientCertificate()).isTrue();
        assertThat(Objects.requireNonNull(choice(FRONTED, 19_445, "tls istio").tls())
                        .secrets())
                .extracting(SecretName::name)
                .containsExactly("default", "ROOTCA");
    }

    /** Columns: port; how it comes; from where; what becomes of it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    18500 | tls istio | 10.1.1.1 | 0.0.0.0_18500 application
                    18500 | clear     | 10.1.1.1 | 0.0.0.0_18500 application
                    18500 | tls istio | 10.9.1.1 | 0.0.0.0_18500 closed
                    18500 | clear     | 10.9.1.1 | 0.0.0.0_18500 closed
                    18501 | tls istio | 10.1.1.1 | the network filter envoy.extensions.filters.network.redis_proxy.v3.RedisProxy is not supported
                    18502 | tls istio | 10.1.1.1 | 0.0.0.0_18502 application
                    18502 | tls istio | 10.2.1.1 | no filter chain
                    """)
    void envoyFilter_patchesOfConnections_areInForceOrRefuse(int port, String tls, String client, String expected) {
        assertThat(outcome(Shapes.wire("istio/patched-virtualInbound.pb"), port, tls, client, "GET /"))
                .contains(expected);
    }

    @Test
    void envoyFilter_patchOfTheListener_isInForce() {
        assertThat(inbound("istio/patched-virtualInbound.pb").inspection())
                .isEqualTo(new InboundListener.Inspection(Duration.ofSeconds(3), true));
    }

    /** {@code protocolDetectionTimeout} is 0 unless the mesh says otherwise. */
    @Test
    void inspection_asIstiodSendsIt_hasNoLimit() {
        assertThat(inbound("istio/guarded-virtualInbound.pb").inspection())
                .isEqualTo(new InboundListener.Inspection(null, true));
    }

    @Test
    void envoyFilter_unknownListenerFilter_letsNobodyIn() {
        assertThat(outcome(Shapes.wire("istio/listening-virtualInbound.pb"), 18_500, "tls istio", "GET /"))
                .contains("the listener filter \"envoy.filters.listener.proxy_protocol\" is not supported");
    }

    /** {@code proxy-config.yaml}. */
    @Test
    void proxyHeaders_ofTheWorkload_areInTheRules() {
        var decoded = Objects.requireNonNull(
                inbound("istio/headers-virtualInbound.pb").connectionManagers());

        assertThat(decoded).isNotEmpty().allSatisfy(manager -> {
            ClientRules rules = manager.client();
            assertThat(rules.generateRequestId()).isFalse();
            assertThat(rules.serverName()).isEqualTo("shop");
            assertThat(rules.appendForwardedPort()).isTrue();
            assertThat(rules.useRemoteAddress()).isFalse();
            assertThat(rules.clientCertificate()).isEqualTo(ClientRules.ClientCertificate.SANITIZE);
            assertThat(manager.filters()).extracting(HttpFilterConfig::config).contains(new FilterConfig.Router(true));
        });
    }

    private static InboundListener inbound(String file) {
        Listener listener = Shapes.wire(file);
        var decoded = (Accepted<DecodedListener>) ResourceDecoder.listener(listener.getName(), Any.pack(listener));
        return Objects.requireNonNull(decoded.value().inbound());
    }

    private static ChainChoice.Accepted choice(Listener listener, int port, String tls) {
        return (ChainChoice.Accepted)
                new InboundSide(listener, new BoundAddress("0.0.0.0", port)).choose(arrival(port, tls, "10.1.1.1"));
    }

    private static String outcome(Listener listener, int port, String tls, String request) {
        return outcome(listener, port, tls, "10.1.1.1", request);
    }

    private static String outcome(Listener listener, int port, String tls, String client, String request) {
        InboundSide side = new InboundSide(listener, new BoundAddress("0.0.0.0", port));
        ConnectionArrival arrival = arrival(port, tls, client);
        ChainChoice choice = side.choose(arrival);
        if (!(choice instanceof ChainChoice.Accepted accepted)) {
            return ((ChainChoice.Refused) choice).reason();
        }
        String[] words = request.split(" ");
        DownstreamConnection facts = new DownstreamConnection(
                arrival.remote(),
                arrival.remotePort(),
                arrival.local(),
                arrival.localPort(),
                accepted.tls() == null
                        ? null
                        : new DownstreamConnection.Tls(
                                "",
                                "",
                                "TLSv1.3",
                                "TLS_AES_128_GCM_SHA256",
                                new PeerCertificate(List.of(WEB), List.of(), List.of(), "", "", "", "", "", "", true)));
        return accepted.chain() + " "
                + side.ask(arrival, facts, new RequestHead(words[0], "http", "guarded", words[1], new Headers()))
                        .outcome();
    }

    private static ConnectionArrival arrival(int port, String tls, String client) {
        boolean clear = tls.equals("clear");
        return new ConnectionArrival(
                ip(client),
                40_000,
                ip("127.0.7.1"),
                port,
                !clear,
                "",
                List.of(clear ? "http/1.1" : tls.substring("tls ".length())));
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
