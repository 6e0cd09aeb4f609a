package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.xds.envoy.InboundSide;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The inbound listeners that istiod made of {@code security.yaml}, {@code sidecars.yaml} and {@code telemetry.yaml}: who gets in, and what becomes of a request. */
class IstioServerTest {
    private static final String WEB = "spiffe://cluster.local/ns/default/sa/web";
    private static final Listener GUARDED = Shapes.wire("istio/guarded-virtualInbound.pb");

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

    private static ChainChoice.Accepted choice(Listener listener, int port, String tls) {
        return (ChainChoice.Accepted)
                new InboundSide(listener, new BoundAddress("0.0.0.0", port)).choose(arrival(port, tls));
    }

    private static String outcome(Listener listener, int port, String tls, String request) {
        InboundSide side = new InboundSide(listener, new BoundAddress("0.0.0.0", port));
        ConnectionArrival arrival = arrival(port, tls);
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

    private static ConnectionArrival arrival(int port, String tls) {
        boolean clear = tls.equals("clear");
        return new ConnectionArrival(
                ip("10.1.1.1"),
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
