package io.inmesh.transport;

import static io.inmesh.transport.Settings.client;
import static io.inmesh.transport.Settings.common;
import static io.inmesh.transport.Settings.exact;
import static io.inmesh.transport.Settings.server;
import static io.inmesh.transport.Settings.trust;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.echo.v3.Echo;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.xds.envoy.EnvoyProcess;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** What Envoy says: its listeners judge the clients of the table, and both sides are spoken to. */
class EnvoyTlsTest {
    private static final String ANSWER = "hello";

    /** Where Envoy takes one of several lists. */
    private static final String STRICTER = "revoked in one of two lists";

    private final Path binary = EnvoyProcess.binaryOrSkip();

    private static SharedTls tls() {
        return new SharedTls(
                new GivenSecrets(), TlsOptions.DEFAULT, TlsProvider.NATIVE, Clock.systemUTC(), each -> null);
    }

    @Test
    void listeners_table_decideAsTheRulesDo() throws Exception {
        List<VerificationCase> cases = VerificationCase.all().stream()
                .filter(each -> !each.name().equals(STRICTER))
                .filter(each -> each.validation().subjectAltNames().stream()
                        .noneMatch(name -> name.type() == SubjectAltNameMatcher.Type.OTHER_NAME))
                .toList();
        X509Bundle callee = MeshTlsTest.workload(MeshTlsTest.root("server root"), "spiffe://cluster.local/callee");
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        for (int i = 0; i < cases.size(); i++) {
            bootstrap
                    .getStaticResourcesBuilder()
                    .addListeners(listener(
                            "case-" + i,
                            answer(),
                            DownstreamTlsContext.newBuilder()
                                    .setRequireClientCertificate(BoolValue.of(true))
                                    .setCommonTlsContext(CommonTlsContext.newBuilder()
                                            .addTlsCertificates(certificate(Settings.certificate(callee)))
                                            .setValidationContext(
                                                    validation(cases.get(i).validation())))
                                    .build()));
        }
        SoftAssertions softly = new SoftAssertions();
        try (EnvoyProcess envoy = EnvoyProcess.start(binary, bootstrap.build());
                SharedTls tls = tls();
                Sockets sockets = new Sockets()) {
            Map<String, Integer> ports = envoy.listenerPorts();
            for (int i = 0; i < cases.size(); i++) {
                VerificationCase each = cases.get(i);
                ClientTls caller =
                        tls.client(client(Settings.showing(Settings.certificate(each.identity(), each.shown()))));
                String outcome = outcome(sockets, caller, Objects.requireNonNull(ports.get("case-" + i)));
                softly.assertThat(outcome.equals(ANSWER))
                        .as("Envoy on %s: %s", each, outcome)
                        .isEqualTo(each.accepted());
            }
        }
        softly.assertAll();
    }

    /** With and without a certificate, required and not: what both do where little is asked. */
    @Test
    void listeners_withAndWithoutRoots_takeWhomOurServersTake() throws Exception {
        X509Bundle callee = MeshTlsTest.workload(MeshTlsTest.root("server root"), "spiffe://cluster.local/callee");
        X509Bundle root = MeshTlsTest.root("root");
        Secret.Validation roots = trust(root);
        List<Secret.Validation> validations = List.of(
                Secret.Validation.NONE,
                roots,
                new Secret.Validation(
                        roots.trustedCa(), false, null, List.of(), List.of(), List.of(), null, false, false, true, -1));
        List<X509Bundle> callers = List.of(
                MeshTlsTest.workload(root, "spiffe://a/x"),
                MeshTlsTest.workload(MeshTlsTest.root("unknown"), "spiffe://a/x"));
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        for (int i = 0; i < 2 * validations.size(); i++) {
            bootstrap
                    .getStaticResourcesBuilder()
                    .addListeners(listener(
                            "case-" + i,
                            answer(),
                            DownstreamTlsContext.newBuilder()
                                    .setRequireClientCertificate(BoolValue.of(i % 2 == 1))
                                    .setCommonTlsContext(CommonTlsContext.newBuilder()
                                            .addTlsCertificates(certificate(Settings.certificate(callee)))
                                            .setValidationContext(validation(validations.get(i / 2))))
                                    .build()));
        }
        SoftAssertions softly = new SoftAssertions();
        try (EnvoyProcess envoy = EnvoyProcess.start(binary, bootstrap.build());
                SharedTls tls = tls();
                Sockets sockets = new Sockets()) {
            Map<String, Integer> ports = envoy.listenerPorts();
            for (int i = 0; i < 2 * validations.size(); i++) {
                try (Sockets.Server own =
                        sockets.serve(tls.server(server(common(callee, validations.get(i / 2)), i % 2 == 1)))) {
                    for (int j = 0; j <= callers.size(); j++) {
                        ClientTls caller =
                                tls.client(client(common(j == callers.size() ? null : callers.get(j), null)));
                        String envoys = outcome(sockets, caller, Objects.requireNonNull(ports.get("case-" + i)));
                        // Envoy does not even ask for the certificate where it has nothing to verify it by; ours takes
                        // nobody.
                        boolean stricter = i == 1;
                        softly.assertThat(sockets.connect(caller, own).worked())
                                .as("validation %d, required %b, caller %d: Envoy: %s", i / 2, i % 2 == 1, j, envoys)
                                .isEqualTo(envoys.equals(ANSWER) && !stricter);
                    }
                }
            }
        }
        softly.assertAll();
    }

    private static String outcome(Sockets sockets, ClientTls caller, int port) throws Exception {
        try {
            return sockets.exchange(caller, port, ANSWER);
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        }
    }

    @Test
    void client_envoyAsTheServer_speaksBothWays() throws Exception {
        X509Bundle root = MeshTlsTest.root("root");
        X509Bundle caller = MeshTlsTest.workload(root, "spiffe://cluster.local/caller");
        X509Bundle callee = MeshTlsTest.workload(root, "spiffe://cluster.local/callee");
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap
                .getStaticResourcesBuilder()
                .addListeners(listener(
                        "mutual",
                        answer(),
                        DownstreamTlsContext.newBuilder()
                                .setRequireClientCertificate(BoolValue.of(true))
                                .setCommonTlsContext(CommonTlsContext.newBuilder()
                                        .addAlpnProtocols("h2")
                                        .addTlsCertificates(certificate(Settings.certificate(callee)))
                                        .setValidationContext(validation(trust(root))))
                                .build()));
        try (EnvoyProcess envoy = EnvoyProcess.start(binary, bootstrap.build());
                SharedTls tls = tls();
                Sockets sockets = new Sockets()) {
            int port = Objects.requireNonNull(envoy.listenerPorts().get("mutual"));
            ClientTls right = tls.client(client(common(
                    caller,
                    trust(root, exact(SubjectAltNameMatcher.Type.URI, "spiffe://cluster.local/callee")),
                    "istio")));
            assertThat(outcome(sockets, right, port)).isEqualTo(ANSWER);
            ClientTls other = tls.client(client(common(
                    caller, trust(root, exact(SubjectAltNameMatcher.Type.URI, "spiffe://cluster.local/other")))));
            assertThat(outcome(sockets, other, port)).isNotEqualTo(ANSWER);
            ClientTls nobody = tls.client(client(common(null, trust(root))));
            assertThat(outcome(sockets, nobody, port)).isNotEqualTo(ANSWER);
        }
    }

    @Test
    void server_envoyAsTheClient_isHeardAndKnown() throws Exception {
        X509Bundle root = MeshTlsTest.root("root");
        X509Bundle caller = MeshTlsTest.workload(root, "spiffe://cluster.local/caller");
        X509Bundle callee = MeshTlsTest.workload(root, "spiffe://cluster.local/callee");
        try (SharedTls tls = tls();
                Sockets sockets = new Sockets();
                Sockets.Server listener = sockets.serve(
                        tls.server(server(common(callee, trust(root), "istio-peer-exchange", "h2"), true)))) {
            UpstreamTlsContext upstream = UpstreamTlsContext.newBuilder()
                    .setSni("outbound_.9080_._.orders.default.svc.cluster.local")
                    .setCommonTlsContext(CommonTlsContext.newBuilder()
                            .addAlpnProtocols("istio")
                            .addTlsCertificates(certificate(Settings.certificate(caller)))
                            .setValidationContext(validation(trust(
                                    root, exact(SubjectAltNameMatcher.Type.URI, "spiffe://cluster.local/callee")))))
                    .build();
            Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
            bootstrap
                    .getStaticResourcesBuilder()
                    .addClusters(cluster(listener.port(), upstream))
                    .addListeners(Listener.newBuilder()
                            .setName("in")
                            .setAddress(EnvoyProcess.loopback(0))
                            .addFilterChains(FilterChain.newBuilder()
                                    .addFilters(filter(
                                            "envoy.filters.network.tcp_proxy",
                                            TcpProxy.newBuilder()
                                                    .setStatPrefix("in")
                                                    .setCluster("out")
                                                    .build()))));
            try (EnvoyProcess envoy = EnvoyProcess.start(binary, bootstrap.build());
                    Socket socket = new Socket(
                            InetAddress.getLoopbackAddress(),
                            Objects.requireNonNull(envoy.listenerPorts().get("in")))) {
                socket.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                assertThat(new String(socket.getInputStream().readNBytes(5), StandardCharsets.UTF_8))
                        .isEqualTo("hello");
            }
            DownstreamConnection.Tls facts = listener.firstFacts();
            PeerCertificate peer = Objects.requireNonNull(facts.peer());
            assertThat(peer.uris()).containsExactly("spiffe://cluster.local/caller");
            assertThat(facts.serverName()).isEqualTo("outbound_.9080_._.orders.default.svc.cluster.local");
            assertThat(facts.protocol()).as("no overlap selects nothing").isEmpty();
            assertThat(facts.version()).as("Envoy's default for clients").isEqualTo("TLSv1.2");
        }
    }

    private static Cluster cluster(int port, UpstreamTlsContext tls) {
        return Cluster.newBuilder()
                .setName("out")
                .setType(Cluster.DiscoveryType.STATIC)
                .setLoadAssignment(ClusterLoadAssignment.newBuilder()
                        .setClusterName("out")
                        .addEndpoints(LocalityLbEndpoints.newBuilder()
                                .addLbEndpoints(LbEndpoint.newBuilder()
                                        .setEndpoint(Endpoint.newBuilder().setAddress(EnvoyProcess.loopback(port))))))
                .setTransportSocket(TransportSocket.newBuilder()
                        .setName("envoy.transport_sockets.tls")
                        .setTypedConfig(Any.pack(tls)))
                .build();
    }

    private static Filter answer() {
        return filter("envoy.filters.network.echo", Echo.getDefaultInstance());
    }

    private static Filter filter(String name, Message config) {
        return Filter.newBuilder()
                .setName(name)
                .setTypedConfig(Any.pack(config))
                .build();
    }

    private static Listener listener(String name, Filter filter, DownstreamTlsContext tls) {
        return Listener.newBuilder()
                .setName(name)
                .setAddress(EnvoyProcess.loopback(0))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(filter)
                        .setTransportSocket(TransportSocket.newBuilder()
                                .setName("envoy.transport_sockets.tls")
                                .setTypedConfig(Any.pack(tls))))
                .build();
    }

    private static TlsCertificate certificate(Secret.Certificate certificate) {
        return TlsCertificate.newBuilder()
                .setCertificateChain(source(Objects.requireNonNull(certificate.chain())))
                .setPrivateKey(source(Objects.requireNonNull(certificate.privateKey())))
                .build();
    }

    private static io.envoyproxy.envoy.config.core.v3.DataSource source(DataSource source) {
        return io.envoyproxy.envoy.config.core.v3.DataSource.newBuilder()
                .setInlineString(new String(((DataSource.Inline) source).bytes(), StandardCharsets.UTF_8))
                .build();
    }

    private static CertificateValidationContext validation(Secret.Validation from) {
        CertificateValidationContext.Builder to = CertificateValidationContext.newBuilder()
                .addAllVerifyCertificateHash(from.certificateHashes())
                .addAllVerifyCertificateSpki(from.certificateSpki())
                .setOnlyVerifyLeafCertCrl(from.onlyVerifyLeafCrl())
                .setAllowExpiredCertificate(from.allowExpiredCertificate());
        if (from.trustedCa() != null) {
            to.setTrustedCa(source(from.trustedCa()));
        }
        if (from.crl() != null) {
            to.setCrl(source(from.crl()));
        }
        if (from.acceptUntrusted()) {
            to.setTrustChainVerification(CertificateValidationContext.TrustChainVerification.ACCEPT_UNTRUSTED);
        }
        if (from.maxVerifyDepth() >= 0) {
            to.setMaxVerifyDepth(UInt32Value.of(from.maxVerifyDepth()));
        }
        if (from.trustDomains() != null) {
            SPIFFECertValidatorConfig.Builder spiffe = SPIFFECertValidatorConfig.newBuilder();
            from.trustDomains()
                    .forEach(domain -> spiffe.addTrustDomains(SPIFFECertValidatorConfig.TrustDomain.newBuilder()
                            .setName(domain.name())
                            .setTrustBundle(source(domain.bundle()))));
            to.getCustomValidatorConfigBuilder()
                    .setName("envoy.tls.cert_validator.spiffe")
                    .setTypedConfig(Any.pack(spiffe.build()));
        }
        from.subjectAltNames().forEach(name -> to.addMatchTypedSubjectAltNames(name(name)));
        return to.build();
    }

    private static io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher name(
            SubjectAltNameMatcher from) {
        var to = io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.newBuilder()
                .setSanType(
                        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType.valueOf(
                                from.type().name()));
        if (from.matcher() instanceof StringMatcher.Exact exact) {
            to.getMatcherBuilder().setExact(exact.value());
        } else if (from.matcher() instanceof StringMatcher.Prefix prefix) {
            to.getMatcherBuilder().setPrefix(prefix.value());
        } else if (from.matcher() instanceof StringMatcher.Regex regex) {
            to.getMatcherBuilder()
                    .setSafeRegex(
                            RegexMatcher.newBuilder().setRegex(regex.pattern().pattern()));
        } else {
            throw new IllegalArgumentException(from.toString());
        }
        return to.build();
    }
}
