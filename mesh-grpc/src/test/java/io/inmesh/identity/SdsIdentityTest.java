package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider.Watch;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.SessionThread;
import io.inmesh.xds.protocol.XdsTransport;
import io.inmesh.xds.testing.ScriptedAdsServer;
import io.inmesh.xds.testing.ScriptedStream;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SdsIdentityTest {
    private static final AdsSettings QUICK = new AdsSettings(
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10));

    private final X509Bundle root = TestIdentity.root("root");
    private final X509Bundle web = TestIdentity.workload(root);
    private final States certificate = new States();
    private final States roots = new States();
    private final SessionThread loop = SessionThread.named("test-sds");
    private final Path socket;

    SdsIdentityTest(@TempDir Path folder) {
        this.socket = folder.resolve("agent.sock");
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @ParameterizedTest
    @EnumSource
    void watch_agentOnAUnixSocket_secretsComeAndAreRotatedAndAreAcknowledged(XdsTransport transport) {
        try (ScriptedAdsServer agent = ScriptedAdsServer.start(socket, transport);
                SdsIdentity identity = over(SdsIdentity.at("unix:" + socket).transport(transport))) {
            identity.watch(States.CERTIFICATE, certificate);
            identity.watch(States.ROOTS, roots);
            ScriptedStream stream = agent.awaitStream();
            stream.respond(ResourceKind.SECRET, "1", certificate("default", web), validation("ROOTCA", root));
            await().until(() -> certificate.isReady() && roots.isReady());
            assertThat(certificate.key()).isEqualTo(web.getPrivateKeyPEM());
            assertThat(roots.roots()).isEqualTo(root.getCertificatePEM());

            X509Bundle next = TestIdentity.workload(root);
            stream.respond(ResourceKind.SECRET, "2", certificate("default", next));
            await().untilAsserted(() -> assertThat(certificate.chain()).isEqualTo(next.getCertificatePathPEM()));
        }
    }

    @Test
    void watch_agentWithoutIncremental_isAskedForStateOfTheWorld() {
        try (ScriptedAdsServer agent = ScriptedAdsServer.start(socket, XdsTransport.STATE_OF_THE_WORLD);
                SdsIdentity identity = over(SdsIdentity.at("unix://" + socket).transport(XdsTransport.INCREMENTAL))) {
            identity.watch(States.CERTIFICATE, certificate);
            ScriptedStream stream = agent.awaitStream();
            assertThat(stream.transport()).isEqualTo(XdsTransport.STATE_OF_THE_WORLD);
            assertThat(agent.streamsOpened()).isEqualTo(2);
            stream.respond(ResourceKind.SECRET, "1", certificate("default", web));
            await().until(certificate::isReady);
        }
    }

    @Test
    void watch_namesOfSpire_areAskedForAndMapped() {
        SdsIdentityBuilder builder = SdsIdentity.at("unix:" + socket)
                .certificateAtServer(TestIdentity.WEB)
                .rootsAtServer("ALL");
        try (ScriptedAdsServer agent = ScriptedAdsServer.start(socket, XdsTransport.STATE_OF_THE_WORLD);
                SdsIdentity identity = over(builder)) {
            identity.watch(States.CERTIFICATE, certificate);
            identity.watch(States.ROOTS, roots);
            SecretName other = new SecretName("cluster:sds-grpc", "spiffe://partner.example");
            assertThat(identity.provides(other)).isTrue();
            States partner = new States();
            identity.watch(other, partner);
            ScriptedStream stream = agent.awaitStream();
            await().untilAsserted(() -> assertThat(
                            stream.awaitRequest(ResourceKind.SECRET).getResourceNamesList())
                    .containsExactlyInAnyOrder(TestIdentity.WEB, "ALL", "spiffe://partner.example"));
            stream.respond(
                    ResourceKind.SECRET,
                    "1",
                    certificate(TestIdentity.WEB, web),
                    validation("ALL", root),
                    validation("spiffe://partner.example", root));
            await().until(() -> certificate.isReady() && roots.isReady() && partner.isReady());
        }
    }

    @Test
    void agent_awayAndBack_lastGoodStaysAndTheReasonOfWhatIsAwaitedIsTold() {
        SdsIdentity identity = over(SdsIdentity.at("unix:" + socket));
        identity.watch(States.CERTIFICATE, certificate);
        await().untilAsserted(() -> assertThat(certificate.awaited())
                .contains("secret 'default' of the SDS server at unix:" + socket, "UNAVAILABLE"));
        try (ScriptedAdsServer agent = ScriptedAdsServer.start(socket, XdsTransport.STATE_OF_THE_WORLD)) {
            agent.awaitStream().respond(ResourceKind.SECRET, "1", certificate("default", web));
            await().until(certificate::isReady);
        }
        identity.watch(States.ROOTS, roots);
        await().untilAsserted(() -> assertThat(roots.awaited()).contains("UNAVAILABLE"));
        assertThat(certificate.chain()).isEqualTo(web.getCertificatePathPEM());
        assertThat(socket).satisfies(path -> Files.deleteIfExists(path));
        try (ScriptedAdsServer agent = ScriptedAdsServer.start(socket, XdsTransport.STATE_OF_THE_WORLD)) {
            agent.awaitStream()
                    .respond(ResourceKind.SECRET, "2", certificate("default", web), validation("ROOTCA", root));
            await().until(roots::isReady);
        }
        identity.close();
    }

    @Test
    void response_malformedSecret_isRefusedAndTheGoodOneBesideItTaken() {
        try (ScriptedAdsServer agent = ScriptedAdsServer.start(socket, XdsTransport.STATE_OF_THE_WORLD);
                SdsIdentity identity = over(SdsIdentity.at("unix:" + socket))) {
            identity.watch(States.CERTIFICATE, certificate);
            identity.watch(States.ROOTS, roots);
            ScriptedStream stream = agent.awaitStream();
            stream.awaitRequest(ResourceKind.SECRET);
            Secret bad = Secret.newBuilder().setName("default").build();
            stream.respond(ResourceKind.SECRET, "1", bad, validation("ROOTCA", root));
            await().until(roots::isReady);
            await().untilAsserted(() -> assertThat(certificate.awaited()).contains("cannot be used", "default"));
            await().untilAsserted(() -> assertThat(stream.awaitRequest(ResourceKind.SECRET)
                            .getErrorDetail()
                            .getMessage())
                    .contains("1 of 2 resources refused", "default"));
        }
    }

    @Test
    void watch_closed_ends_theSubscription() {
        try (ScriptedAdsServer agent = ScriptedAdsServer.start(socket, XdsTransport.INCREMENTAL);
                SdsIdentity identity = over(SdsIdentity.at("unix:" + socket).transport(XdsTransport.INCREMENTAL))) {
            Watch watch = identity.watch(States.CERTIFICATE, certificate);
            ScriptedStream stream = agent.awaitStream();
            assertThat(stream.awaitDeltaRequest(ResourceKind.SECRET).getResourceNamesSubscribeList())
                    .containsExactly("default");
            watch.close();
            assertThat(stream.awaitDeltaRequest(ResourceKind.SECRET).getResourceNamesUnsubscribeList())
                    .containsExactly("default");
        }
    }

    @Test
    void watch_agentOnLoopback_works() {
        try (ScriptedAdsServer agent = ScriptedAdsServer.start();
                SdsIdentity identity = over(SdsIdentity.at(agent.target()))) {
            identity.watch(States.CERTIFICATE, certificate);
            agent.awaitStream().respond(ResourceKind.SECRET, "1", certificate("default", web));
            await().until(certificate::isReady);
            assertThat(identity + " " + certificate.all())
                    .doesNotContain(web.getPrivateKeyPEM().substring(40, 60));
        }
    }

    @Test
    void build_openNetworkWithoutTls_isRefused() {
        assertThatThrownBy(() -> SdsIdentity.at("agent.example:8080").build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would send private keys over an open network");
    }

    private SdsIdentity over(SdsIdentityBuilder builder) {
        return builder.settings(QUICK)
                .build(
                        loop,
                        new Random(3),
                        unused -> {
                            throw new AssertionError("No agent of this test is behind TLS");
                        },
                        () -> {});
    }

    private static Secret certificate(String name, X509Bundle workload) {
        return Secret.newBuilder()
                .setName(name)
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(DataSource.newBuilder().setInlineString(workload.getCertificatePathPEM()))
                        .setPrivateKey(DataSource.newBuilder().setInlineString(workload.getPrivateKeyPEM())))
                .build();
    }

    private static Secret validation(String name, X509Bundle trusted) {
        return Secret.newBuilder()
                .setName(name)
                .setValidationContext(CertificateValidationContext.newBuilder()
                        .setTrustedCa(DataSource.newBuilder().setInlineString(trusted.getCertificatePEM())))
                .build();
    }
}
