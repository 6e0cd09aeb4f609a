package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.xds.envoy.InboundSide;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers under the inbound listeners that real control planes made of the scenarios beside the recordings: who gets in, and what becomes of a request. */
class RecordedServersTest {
    private static final String BASIC = "istio-1.31-dev/basic/reviews/Listener/virtualInbound.pb";
    private static final String RICH = "istio-1.31-dev/rich/reviews/Listener/virtualInbound.pb";
    private static final String ISTIO_WEB = "istio-1.31-dev/basic/web/Listener/virtualInbound.pb";
    private static final String RICH_WEB = "istio-1.31-dev/rich/web/Listener/virtualInbound.pb";
    private static final String KUMA = "kuma-2.14.3/";
    private static final String BUILTIN = KUMA + "builtin-ca/web/Listener/inbound~127.0.0.9~17080.pb";
    private static final String WEB = KUMA + "mesh-identity/web/Listener/inbound~127.0.1.9~17080.pb";
    private static final String UNIFIED = KUMA + "mesh-identity/web-unified-names/Listener/self_inbound_dp_http.pb";
    private static final String ORDERS = KUMA + "mesh-identity/orders/Listener/inbound~127.0.1.2~18080.pb";
    private static final String KUMA_3 = "kuma-3.0-dev/";
    private static final String PERMISSIVE_3 = KUMA_3 + "mesh-identity/web/Listener/self_inbound_dp_http.pb";
    private static final String LIMITED_3 = KUMA_3 + "mesh-identity/orders/Listener/self_inbound_dp_http.pb";
    private static final String STRICT_3 = KUMA_3 + "outbounds/orders/Listener/self_inbound_dp_http.pb";
    private static final String STRICT_GRPC_3 = KUMA_3 + "outbounds/orders/Listener/self_inbound_dp_rpc.pb";

    private static final String OF_WEB = "spiffe://cluster.local/ns/default/sa/web";
    private static final String OF_OTHER = "spiffe://cluster.local/ns/default/sa/other";
    private static final String KUMA_WEB = "spiffe://shop.zone-1.mesh.local/workload/web";
    private static final String PLAIN_WEB = "spiffe://plain.zone-1.mesh.local/workload/web";
    private static final String KUMA_LEGACY = "spiffe://shop.zone-1.mesh.local/workload/legacy";

    static Stream<Arguments> callers() {
        return Stream.of(
                // STRICT: TLS only, whatever ALPN says, as the port is declared to be HTTP.
                arguments(BASIC, 19_080, OF_WEB, "istio-http/1.1", "GET /api/x", "0.0.0.0_19080 application"),
                arguments(BASIC, 19_080, OF_WEB, "istio-h2", "GET /api/x", "0.0.0.0_19080 application"),
                arguments(BASIC, 19_080, OF_WEB, "", "GET /api/x", "0.0.0.0_19080 application"),
                arguments(BASIC, 19_080, OF_WEB, "istio-h2", "POST /api/x", "0.0.0.0_19080 403"),
                arguments(BASIC, 19_080, OF_WEB, "istio-h2", "GET /api/../admin", "0.0.0.0_19080 403"),
                arguments(BASIC, 19_080, OF_WEB, "istio-h2", "GET /x/..%2Fapi/x", "0.0.0.0_19080 403"),
                arguments(BASIC, 19_080, OF_WEB, "istio-h2", "GET /x/../api/x", "0.0.0.0_19080 application"),
                arguments(BASIC, 19_080, OF_OTHER, "istio-h2", "GET /api/x", "0.0.0.0_19080 403"),
                arguments(BASIC, 19_080, null, "http/1.1", "GET /api/x", "no filter chain"),
                // A port that no Service names: the chains for all ports, of which the one for TCP serves no requests.
                arguments(
                        BASIC,
                        8_888,
                        OF_WEB,
                        "istio-http/1.1",
                        "GET /api/x",
                        "virtualInbound-catchall-http application"),
                arguments(BASIC, 8_888, OF_OTHER, "istio-h2", "GET /api/x", "virtualInbound-catchall-http 403"),
                arguments(BASIC, 8_888, OF_WEB, "h2", "GET /api/x", "virtualInbound: it ends in no HTTP"),
                arguments(BASIC, 8_888, null, "http/1.1", "GET /api/x", "no filter chain"),
                arguments(
                        ISTIO_WEB, 19_080, OF_OTHER, "istio-h2", "GET /x", "virtualInbound-catchall-http application"),
                arguments(ISTIO_WEB, 19_080, OF_OTHER, "istio", "GET /x", "virtualInbound: it ends in no HTTP"),
                arguments(RICH_WEB, 19_080, OF_OTHER, "istio-h2", "GET /x", "virtualInbound-catchall-http application"),
                // PERMISSIVE on 19090 only; policies by certificate and by token.
                arguments(RICH, 19_080, OF_WEB, "istio-h2", "GET /api/x", "0.0.0.0_19080 application"),
                arguments(RICH, 19_080, OF_OTHER, "istio-h2", "POST /any", "0.0.0.0_19080 403"),
                arguments(RICH, 19_080, null, "http/1.1", "GET /api/x", "no filter chain"),
                arguments(RICH, 19_090, OF_OTHER, "istio", "POST /any", "0.0.0.0_19090 403"),
                arguments(RICH, 19_090, null, "http/1.1", "GET /api/x", "0.0.0.0_19090 403"),
                arguments(RICH, 19_090, OF_WEB, "h2", "GET /api/x", "no filter chain"),
                // builtin CA: one chain for everybody; traffic permission for everybody.
                arguments(BUILTIN, 17_080, "spiffe://default/orders", "", "GET /", "#0 application"),
                // Permissive: three ways in, and traffic permission on the one that knows who is there.
                arguments(WEB, 17_080, null, "", "GET /", "#0 application"),
                arguments(WEB, 17_080, KUMA_WEB, "kuma", "GET /", "#2 application"),
                arguments(WEB, 17_080, KUMA_LEGACY, "kuma", "GET /", "#2 403"),
                arguments(UNIFIED, 17_080, KUMA_WEB, "kuma", "GET /", "#2 application"),
                arguments(UNIFIED, 17_080, KUMA_LEGACY, "kuma", "GET /", "#2 403"),
                // A rate limit that is not built yet must not be passed over.
                arguments(
                        ORDERS,
                        18_080,
                        null,
                        "",
                        "GET /",
                        "#0: HTTP filter \"envoy.filters.http.local_ratelimit\": local rate limiting (Kuma's MeshRateLimit)"),
                arguments(
                        ORDERS,
                        18_080,
                        KUMA_WEB,
                        "kuma",
                        "GET /",
                        "#2: HTTP filter \"envoy.filters.http.local_ratelimit\": local rate limiting (Kuma's MeshRateLimit)"),
                // Kuma 3: the same, by permissions for names of workloads only.
                arguments(PERMISSIVE_3, 17_080, null, "", "GET /", "#0 application"),
                arguments(PERMISSIVE_3, 17_080, KUMA_WEB, "kuma", "GET /", "#2 application"),
                arguments(PERMISSIVE_3, 17_080, KUMA_LEGACY, "kuma", "GET /", "#2 403"),
                arguments(
                        LIMITED_3,
                        18_080,
                        KUMA_WEB,
                        "kuma",
                        "GET /",
                        "#2: HTTP filter \"envoy.filters.http.local_ratelimit\": local rate limiting (Kuma's MeshRateLimit)"),
                arguments(STRICT_3, 18_080, PLAIN_WEB, "kuma", "GET /", "#0 application"),
                arguments(STRICT_3, 18_080, PLAIN_WEB + "s", "kuma", "GET /", "#0 403"),
                arguments(STRICT_GRPC_3, 18_090, PLAIN_WEB, "kuma", "POST /p.S/M", "#0 application"),
                arguments(STRICT_GRPC_3, 18_090, KUMA_WEB, "kuma", "POST /p.S/M", "#0 403"));
    }

    @ParameterizedTest
    @MethodSource("callers")
    void server_underARecordedListener_givesEachCallerWhatTheScenarioSays(
            String file, int port, @Nullable String uri, String alpn, String request, String expected) {
        Listener listener = listener(file);
        InboundSide side = new InboundSide(listener, new BoundAddress("0.0.0.0", port));
        boolean tls = uri != null;
        ConnectionArrival arrival = new ConnectionArrival(
                ip("10.1.1.1"), 40_000, ip("10.2.2.2"), port, tls, "", alpn.isEmpty() ? List.of() : List.of(alpn));

        ChainChoice choice = side.choose(arrival);
        if (choice instanceof ChainChoice.Accepted accepted) {
            assertThat(accepted.tls() != null).as("TLS of " + accepted.chain()).isEqualTo(tls);
            String outcome =
                    side.ask(arrival, facts(arrival, uri), head(request)).outcome();
            assertThat(accepted.chain() + " " + outcome).endsWith(expected);
        } else {
            assertThat(((ChainChoice.Refused) choice).reason()).contains(expected);
        }
    }

    static Stream<Arguments> statuses() {
        return Stream.of(
                arguments(BASIC, 19_080, "serves with 3 of 5 filter chains"),
                arguments(ISTIO_WEB, 19_080, "serves with 1 of 3 filter chains"),
                arguments(RICH, 19_080, "serves with 4 of 6 filter chains"),
                arguments(RICH_WEB, 19_080, "serves with 1 of 3 filter chains"),
                arguments(BUILTIN, 17_080, "serves with 1 of 1 filter chains"),
                arguments(WEB, 17_080, "serves with 3 of 3 filter chains"),
                arguments(UNIFIED, 17_080, "serves with 3 of 3 filter chains"),
                arguments(ORDERS, 18_080, "serves with 0 of 3 filter chains"),
                arguments(PERMISSIVE_3, 17_080, "serves with 3 of 3 filter chains"),
                arguments(LIMITED_3, 18_080, "serves with 0 of 3 filter chains"),
                arguments(STRICT_3, 18_080, "serves with 1 of 1 filter chains"),
                arguments(
                        KUMA + "mesh-identity/web/Listener/inbound~passthrough~ipv4.pb",
                        9_999,
                        "serves with 0 of 1 filter chains"),
                arguments(
                        KUMA + "builtin-ca/web/Listener/inbound~passthrough~ipv4.pb",
                        9_999,
                        "serves with 0 of 1 filter chains"));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void status_ofARecordedListener_saysWhichChainsServe(String file, int port, String expected) {
        assertThat(new InboundSide(listener(file), new BoundAddress("0.0.0.0", port)).status())
                .contains(expected);
    }

    private static RequestHead head(String request) {
        String[] parts = request.split(" ", 2);
        return new RequestHead(parts[0], "http", "reviews:9080", parts[1], new Headers());
    }

    private static DownstreamConnection facts(ConnectionArrival arrival, @Nullable String uri) {
        return new DownstreamConnection(
                arrival.remote(),
                arrival.remotePort(),
                arrival.local(),
                arrival.localPort(),
                uri == null
                        ? null
                        : new DownstreamConnection.Tls(
                                "",
                                "",
                                "TLSv1.3",
                                "TLS_AES_128_GCM_SHA256",
                                new PeerCertificate(List.of(uri), List.of(), List.of(), "", "", "", "", "", "", true)));
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static Listener listener(String file) {
        try {
            return Listener.parseFrom(Recordings.all().stream()
                    .filter(each -> each.file().equals(file))
                    .findFirst()
                    .orElseThrow()
                    .body()
                    .getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
