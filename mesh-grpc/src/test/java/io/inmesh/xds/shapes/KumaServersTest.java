package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.model.RouteTable;
import io.inmesh.model.SecretName;
import io.inmesh.model.TlsContext;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.xds.envoy.InboundSide;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The inbound listeners that kuma-cp 2.14.3 made of {@code rest.txt}: who gets in, and what becomes of a request. */
class KumaServersTest {
    private static final Shapes SERVERS = Shapes.of("kuma/servers.json");
    private static final String TRUST = "spiffe://fields.zone-1.mesh.local/workload/";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    web      | application
                    batch    | application
                    soon     | application
                    legacy   | 403
                    else     | 403
                    batches  | 403
                    """)
    void trafficPermission_rules_decideByTheCallersName(String workload, String expected) {
        assertThat(outcome(inbound("guarded"), "kuma", List.of(TRUST + workload)))
                .isEqualTo(expected);
    }

    @Test
    void trafficPermission_none_letsNobodyThrough() {
        Listener web = Shapes.of("kuma/web.json").protoOfListener("inbound:127.0.8.50:18080");

        assertThat(outcome(web, "kuma", List.of(TRUST + "web"))).isEqualTo("403");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    spiffe://tags/web                          | application
                    spiffe://tags/soon                         | application
                    spiffe://tags/else                         | 403
                    spiffe://tags/legacy                       | 403
                    spiffe://tags/else kuma://team/core        | application
                    spiffe://tags/else kuma://team/other       | 403
                    """)
    void trafficPermission_from_decidesByAnyNameOfTheCertificate(String names, String expected) {
        assertThat(outcome(
                        Shapes.of("kuma/tags.json").protoOfListener("inbound:127.0.9.1:18080"),
                        "kuma",
                        List.of(names.split(" "))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"spiffe://old/web, application", "spiffe://old/legacy, closed"})
    void trafficPermission_ofOldMeshes_closesTheConnection(String name, String expected) {
        assertThat(outcome(
                        Shapes.of("kuma/old.json").protoOfListener("inbound:127.0.10.1:18080"), "kuma", List.of(name)))
                .isEqualTo(expected);
    }

    @Test
    void meshTls_strict_takesTheMeshsOwnTlsOnly() {
        assertThat(outcome(inbound("strict"), "kuma", List.of(TRUST + "web"))).isEqualTo("application");
        var tls = Objects.requireNonNull(choice(inbound("strict"), true, "kuma").tls());
        assertThat(tls.requireClientCertificate()).isTrue();
        assertThat(tls.secrets())
                .containsExactly(
                        SecretName.ofControlPlane("kri_mid_fields_zone-1__identity_"),
                        SecretName.ofControlPlane("system_trust_bundle"));
        assertThat(tls.common().alpn()).isEmpty();
        assertThat(tls.common().parameters().maximum()).isEqualTo(TlsContext.Version.TLS_1_2);
        assertThat(tls.common().parameters().cipherSuites()).containsExactly("ECDHE-RSA-AES256-GCM-SHA384");
    }

    /** As kuma-cp wants it: the chain in the clear has no RBAC, so a permissive server has no authorization for it. */
    @Test
    void meshTls_permissive_letsTheClearPassEveryPolicy() {
        assertThat(outcome(inbound("permissive"), "", List.of())).isEqualTo("application");
        assertThat(outcome(inbound("permissive"), "kuma", List.of(TRUST + "web")))
                .isEqualTo("application");
        assertThat(outcome(inbound("permissive"), "kuma", List.of("spiffe://else/workload/web")))
                .isEqualTo("403");
        assertThat(choice(inbound("permissive"), true, "h2").tls())
                .as("TLS that is not the mesh's is the application's own")
                .isNull();
    }

    /** The network filter in front puts the caller's name where the routes look for it. */
    @ParameterizedTest
    @CsvSource({"web, 1", "batch, 9"})
    void timeout_byCaller_isThatOfItsRoute(String workload, int seconds) {
        Listener timed = inbound("timed");
        RouteTable table =
                SERVERS.listener(timed.getName()).value().inboundRoutes().get(0);
        StreamInfo info = new StreamInfo();
        info.putFilterState("kuma.mesh_timeout.match.spiffe_id", TRUST + workload);
        RequestHead head = new RequestHead("GET", "http", "any", "/", new Headers());

        assertThat(Objects.requireNonNull(
                                Objects.requireNonNull(CompiledRoutes.of(table).select(head, info, 0))
                                        .forward())
                        .timeouts()
                        .response())
                .isEqualTo(Duration.ofSeconds(seconds));
        assertThat(outcome(timed, "kuma", List.of(TRUST + workload))).isEqualTo("application");
    }

    /** What limits is not passed over. */
    @Test
    void rateLimit_notBuiltYet_refusesConnections() {
        assertThat(reason(inbound("limited"))).contains("rate limiting").contains("is not supported");
    }

    /** What disturbs is. */
    @Test
    void faultInjection_notBuiltYet_isShownAndStopsNobody() {
        assertThat(outcome(inbound("faulty"), "kuma", List.of(TRUST + "web"))).isEqualTo("application");
        assertThat(SERVERS.listener(inbound("faulty").getName()).unsupported())
                .anyMatch(path -> path.contains("no fault is injected"));
    }

    @Test
    void accessLogAndTrace_notBuiltYet_areShownAndStopNobody() {
        assertThat(outcome(inbound("logged"), "kuma", List.of(TRUST + "web"))).isEqualTo("application");
        assertThat(SERVERS.listener(inbound("logged").getName()).unsupported())
                .anyMatch(path -> path.endsWith("access_log"))
                .anyMatch(path -> path.endsWith("tracing"));
    }

    @Test
    void proxyPatch_ofWhatIsSupported_isInForce() {
        var answer = ask(inbound("logged"), "kuma", List.of(TRUST + "web"));

        assertThat(Objects.requireNonNull(answer.accepted()).headers().get("x-filtered"))
                .isEqualTo("yes");
        assertThat(SERVERS.cluster("localhost:18080").value().cluster().connectTimeout())
                .isEqualTo(Duration.ofSeconds(4));
    }

    private static Listener inbound(String app) {
        int last = 60
                + List.of("guarded", "timed", "strict", "permissive", "limited", "faulty", "logged")
                        .indexOf(app);
        return SERVERS.protoOfListener("inbound:127.0.8." + last + ":18080");
    }

    private static ChainChoice.Accepted choice(Listener listener, boolean tls, String alpn) {
        return (ChainChoice.Accepted) new InboundSide(listener).choose(arrival(listener, tls, alpn));
    }

    private static String reason(Listener listener) {
        return ((ChainChoice.Refused) new InboundSide(listener).choose(arrival(listener, true, "kuma"))).reason();
    }

    private static String outcome(Listener listener, String alpn, List<String> names) {
        return ask(listener, alpn, names).outcome();
    }

    private static InboundSide.Answer ask(Listener listener, String alpn, List<String> names) {
        ConnectionArrival arrival = arrival(listener, !names.isEmpty(), alpn);
        DownstreamConnection facts = new DownstreamConnection(
                arrival.remote(),
                arrival.remotePort(),
                arrival.local(),
                arrival.localPort(),
                names.isEmpty()
                        ? null
                        : new DownstreamConnection.Tls(
                                "",
                                "",
                                "TLSv1.3",
                                "TLS_AES_128_GCM_SHA256",
                                new PeerCertificate(names, List.of(), List.of(), "", "", "", "", "", "", true)));
        return new InboundSide(listener).ask(arrival, facts, new RequestHead("GET", "http", "any", "/", new Headers()));
    }

    private static ConnectionArrival arrival(Listener listener, boolean tls, String alpn) {
        return new ConnectionArrival(
                Objects.requireNonNull(IpAddress.parse("127.0.8.50")),
                40_000,
                Objects.requireNonNull(
                        IpAddress.parse(listener.getAddress().getSocketAddress().getAddress())),
                18_080,
                tls,
                "",
                alpn.isEmpty() ? List.of() : List.of(alpn));
    }
}
