package io.inmesh.xds.istio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.inmesh.Mesh;
import io.inmesh.MeshException;
import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.identity.TestIdentity;
import io.inmesh.identity.TestIstiod;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.xds.decode.Recordings;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsTransport;
import io.inmesh.xds.testing.NameTables;
import io.inmesh.xds.testing.Resources;
import io.inmesh.xds.testing.ScriptedAdsServer;
import io.inmesh.xds.testing.ScriptedStream;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source against an istiod whose streams a test scripts, and whose authority signs real certificates. */
class IstioSourceTest {
    private static final SecretName CERTIFICATE = new SecretName("cluster:sds-grpc", "default");
    private static final SecretName ROOTS = new SecretName("cluster:sds-grpc", "ROOTCA");
    private static final String HEALTH = "type.googleapis.com/istio.v1.HealthInformation";
    private static final AdsSettings QUICK = new AdsSettings(
            Duration.ofSeconds(15),
            Duration.ofSeconds(20),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10));

    private final X509Bundle root = TestIdentity.root("root");
    private final Path folder;
    private final Path token;
    private final Path rootFile;
    private final TestIstiod authority;
    private final ScriptedAdsServer ads;
    private final List<MeshSnapshot> snapshots = new CopyOnWriteArrayList<>();
    private final List<SecretState> certificates = new CopyOnWriteArrayList<>();

    IstioSourceTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        token = Files.writeString(folder.resolve("istio-token"), "token-1\n");
        rootFile = Files.writeString(folder.resolve("root-cert.pem"), root.getCertificatePEM());
        authority = new TestIstiod(root, Instant::now);
        authority.goodTokens.add("token-1");
        ads = ScriptedAdsServer.start(0, optionalClientCertificate());
    }

    @AfterEach
    void close() {
        ads.close();
        authority.close();
    }

    @Test
    void start_tokenAndRoots_streamSecretsAndConfiguration() {
        try (IstioSource source = started(builder())) {
            ScriptedStream stream = ads.awaitStream();
            assertThat(stream.transport()).isEqualTo(XdsTransport.INCREMENTAL);
            DeltaDiscoveryRequest first = stream.awaitDeltaRequest(ResourceKind.CLUSTER);
            assertThat(first.getResourceNamesSubscribeList()).containsExactly("*");
            assertThat(first.getNode().getId()).isEqualTo("sidecar~10.1.2.3~web-1.default~default.svc.cluster.local");
            assertThat(first.getNode()
                            .getMetadata()
                            .getFieldsOrThrow("LABELS")
                            .getStructValue()
                            .getFieldsOrThrow("app")
                            .getStringValue())
                    .isEqualTo("web");
            assertThat(stream.awaitDeltaRequest(ResourceKind.LISTENER).getResourceNamesSubscribeList())
                    .containsExactly("*");
            assertThat(stream.awaitDeltaRequest(ResourceKind.NAME_TABLE).getResourceNamesSubscribeList())
                    .containsExactly("*");
            assertThat(ads.lastMetadata("authorization")).isEqualTo("Bearer token-1");
            assertThat(ads.lastMetadata("clusterid")).isEqualTo("Kubernetes");
            assertThat(ads.lastPeer()).isEmpty();
            answer(stream);
            await().until(() -> !snapshots.isEmpty() && isReady(source, CERTIFICATE) && isReady(source, ROOTS));
            assertThat(snapshots.get(0).clusters()).containsOnlyKeys("a");
            assertThat(authority.tokensSeen).containsExactly("Bearer token-1");
            assertThat(source.status().source()).isEqualTo("xDS istio localhost:" + ads.port());
        }
    }

    @Test
    void stream_tokenExchanged_theNextOneComesWithTheNewToken() throws IOException {
        try (IstioSource source = started(builder())) {
            ScriptedStream stream = ads.awaitStream();
            answer(stream);
            Files.writeString(token, "token-2\n");
            stream.fail(Status.UNAVAILABLE);
            ads.awaitStream();
            assertThat(ads.lastMetadata("authorization")).isEqualTo("Bearer token-2");
            assertThat(source.node().id()).isNotEmpty();
        }
    }

    @Test
    void stream_tokenHasEnded_showsTheWorkloadsOwnCertificate() throws IOException {
        try (IstioSource source = started(builder())) {
            ScriptedStream stream = ads.awaitStream();
            answer(stream);
            await().until(() -> isReady(source, CERTIFICATE));
            Files.writeString(token, IstioNodeTest.token("{\"exp\": 1000000000}"));
            stream.fail(Status.UNAVAILABLE);
            ads.awaitStream();
            assertThat(ads.lastMetadata("authorization")).isNull();
            assertThat(ads.lastPeer()).contains(TestIdentity.WEB);
        }
    }

    @Test
    void certificate_tokenGone_isRenewedByShowingTheLastOne() throws IOException {
        try (IstioSource source = started(builder().certificateValidity(Duration.ofSeconds(6)))) {
            source.secrets().watch(CERTIFICATE, certificates::add);
            await().until(() -> isReady(source, CERTIFICATE));
            Files.delete(token);
            int before = certificates.size();
            await().until(() -> certificates.size() > before);
            assertThat(certificates.get(certificates.size() - 1)).isInstanceOf(Ready.class);
            assertThat(authority.tokensSeen).startsWith("Bearer token-1", "null");
        }
    }

    @Test
    void start_provisionedCertificateOnly_isShownToBoth() throws Exception {
        Files.delete(token);
        X509Bundle machine = TestIdentity.workload(root);
        Path chain = Files.writeString(folder.resolve("cert-chain.pem"), machine.getCertificatePathPEM());
        Path key = Files.writeString(folder.resolve("key.pem"), machine.getPrivateKeyPEM());
        try (IstioSource source = started(builder().provisionedCertificate(chain, key))) {
            ads.awaitStream();
            assertThat(ads.lastPeer()).contains(TestIdentity.WEB);
            assertThat(ads.lastMetadata("authorization")).isNull();
            await().until(() -> isReady(source, CERTIFICATE));
            assertThat(authority.tokensSeen).containsExactly("null");
        }
    }

    @Test
    void start_againAfterTheTokensEnd_showsTheCertificateThatWasKept() throws IOException {
        Path kept = folder.resolve("kept");
        try (IstioSource source = started(builder().keepCertificates(kept))) {
            await().until(() -> isReady(source, CERTIFICATE) && Files.exists(kept.resolve("root-cert.pem")));
        }
        assertThat(Files.getPosixFilePermissions(kept.resolve("key.pem")))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        try (var files = Files.list(kept)) {
            assertThat(files.map(each -> each.getFileName().toString()))
                    .containsExactlyInAnyOrder("cert-chain.pem", "key.pem", "root-cert.pem");
        }
        Files.delete(token);
        ads.awaitStream();
        try (IstioSource again = started(builder().keepCertificates(kept))) {
            ads.awaitStream();
            assertThat(ads.lastPeer()).contains(TestIdentity.WEB);
            await().until(() -> isReady(again, CERTIFICATE));
            assertThat(authority.tokensSeen).containsExactly("Bearer token-1", "null");
        }
    }

    @Test
    void stream_nothingToShowAnyMore_saysWhatWasLookedAtAndDialsNobody() throws IOException {
        authority.goodTokens.clear();
        try (IstioSource source = started(builder())) {
            ads.awaitStream().fail(Status.UNAVAILABLE);
            int streams = ads.streamsOpened();
            Files.delete(token);
            await().untilAsserted(() -> assertThat(source.status().error())
                    .contains("nothing shows who this workload is", "there is no token file " + token));
            assertThat(ads.streamsOpened()).isBetween(streams, streams + 2);
        }
    }

    @Test
    void start_istiodWithoutIncrementalTransport_stateOfTheWorld() {
        try (ScriptedAdsServer old = ScriptedAdsServer.start(0, XdsTransport.STATE_OF_THE_WORLD);
                IstioSource source = started(builder(old.target()).plaintext())) {
            ScriptedStream stream = old.awaitStream();
            assertThat(stream.transport()).isEqualTo(XdsTransport.STATE_OF_THE_WORLD);
            assertThat(stream.awaitRequest(ResourceKind.CLUSTER).getResourceNamesList())
                    .isEmpty();
            stream.respond(ResourceKind.CLUSTER, "1", empty("a"));
            // Before what completes the first snapshot, which is published without a table that is late.
            stream.send(NameTables.sotw("1", Map.of("api.example.com", List.of("240.240.0.1"))));
            stream.respond(ResourceKind.LISTENER, "1");
            await().until(() -> !snapshots.isEmpty());
            assertThat(snapshots.get(0).addresses())
                    .containsExactly(Map.entry("api.example.com", List.of("240.240.0.1")));
            assertThat(source.status().connected()).isTrue();
        }
    }

    @Test
    void nameTable_changes_theSnapshotHasTheNewNames() {
        try (IstioSource source = started(builder())) {
            ScriptedStream stream = ads.awaitStream();
            answer(stream);
            stream.send(NameTables.delta("1", Map.of("Api.Example.com", List.of("240.240.0.1"))));
            await().until(() -> !snapshots.isEmpty() && !last().addresses().isEmpty());
            assertThat(last().addresses()).containsExactly(Map.entry("api.example.com", List.of("240.240.0.1")));
            stream.send(NameTables.delta("2", Map.of("b.example.com", List.of("240.240.0.2"))));
            await().until(() -> last().addresses().containsKey("b.example.com"));
            assertThat(last().addresses()).containsOnlyKeys("b.example.com");
            assertThat(source.status().resources())
                    .anySatisfy(each -> assertThat(each.name().kind() + "").isEqualTo("NAME_TABLE"));
        }
    }

    @Test
    void health_ofAGroup_isToldAndToldAgainAfterAReconnection() {
        try (IstioSource source = started(builder().autoRegister("web"))) {
            ScriptedStream stream = ads.awaitStream();
            answer(stream);
            source.unhealthy("warming up");
            DeltaDiscoveryRequest told = (DeltaDiscoveryRequest) stream.awaitAny(HEALTH);
            assertThat(told.getErrorDetail().getMessage()).isEqualTo("warming up");
            source.healthy();
            assertThat(((DeltaDiscoveryRequest) stream.awaitAny(HEALTH)).hasErrorDetail())
                    .isFalse();
            stream.fail(Status.UNAVAILABLE);
            assertThat(((DeltaDiscoveryRequest) ads.awaitStream().awaitAny(HEALTH)).hasErrorDetail())
                    .isFalse();
        }
    }

    @Test
    void identity_mountedInFiles_isTakenInPlaceOfTheAuthoritys() throws Exception {
        X509Bundle mounted = TestIdentity.workload(root);
        Path credentials = folder.resolve("nothing/var/run/secrets/workload-spiffe-credentials");
        Files.createDirectories(credentials);
        Files.writeString(credentials.resolve("cert-chain.pem"), mounted.getCertificatePathPEM());
        Files.writeString(credentials.resolve("key.pem"), mounted.getPrivateKeyPEM());
        Files.writeString(credentials.resolve("root-cert.pem"), root.getCertificatePEM());
        try (IstioSource source = started(builder())) {
            await().until(() -> isReady(source, CERTIFICATE) && isReady(source, ROOTS));
            ads.awaitStream();
            assertThat(ads.lastMetadata("authorization")).isEqualTo("Bearer token-1");
            assertThat(authority.tokensSeen).isEmpty();
        }
    }

    @Test
    void identity_socketOfAnSdsServer_isTakenBeforeEverythingElse() throws Exception {
        X509Bundle served = TestIdentity.workload(root);
        Path sockets = folder.resolve("nothing/var/run/secrets/workload-spiffe-uds");
        Files.createDirectories(sockets);
        try (ScriptedAdsServer agent =
                        ScriptedAdsServer.start(sockets.resolve("socket"), XdsTransport.STATE_OF_THE_WORLD);
                IstioSource source = started(builder())) {
            ScriptedStream stream = agent.awaitStream();
            stream.respond(
                    ResourceKind.SECRET,
                    "1",
                    Resources.certificate("default", served.getCertificatePathPEM(), served.getPrivateKeyPEM()));
            await().until(() -> isReady(source, CERTIFICATE));
            assertThat(authority.tokensSeen).isEmpty();
        }
    }

    @Test
    void awaitReady_recordedConfigurationWithoutACertificate_saysWhyUntilThereIsOne() throws Exception {
        authority.goodTokens.clear();
        try (Mesh mesh = Mesh.builder().source(builder().build()).build()) {
            play(ads.awaitStream(), "istio-1.31-dev/basic/reviews/");
            await().untilAsserted(() -> assertThatThrownBy(() -> mesh.awaitReady(Duration.ofSeconds(1)))
                    .isInstanceOf(MeshException.class)
                    .hasMessageContainingAll(
                            "secret default of cluster:sds-grpc", "UNAUTHENTICATED: authentication failure"));
            assertThat(mesh.snapshot().inbound()).containsKey("virtualInbound");
            authority.goodTokens.add("token-1");
            mesh.awaitReady(Duration.ofSeconds(60));
        }
    }

    /** As istiod sends it: what was recorded, each kind when it is asked for. */
    private static void play(ScriptedStream stream, String folder) {
        for (ResourceKind kind : List.of(
                ResourceKind.CLUSTER, ResourceKind.ENDPOINTS, ResourceKind.LISTENER, ResourceKind.ROUTE_TABLE)) {
            DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder()
                    .setTypeUrl(kind.typeUrl())
                    .setNonce(kind.name());
            for (Recordings.Recording each : Recordings.all()) {
                if (each.kind() == kind && each.file().startsWith(folder)) {
                    response.addResources(Resource.newBuilder()
                            .setName(each.name())
                            .setVersion("1")
                            .setResource(each.body()));
                }
            }
            assertThat(response.getResourcesCount()).as(kind.name()).isPositive();
            stream.awaitDeltaRequest(kind);
            stream.send(response.build());
        }
        stream.send(NameTables.delta("1", Map.of("api.example.com", List.of("240.240.0.1"))));
    }

    @Test
    void close_endsTheStreamAndTheIdentity() {
        IstioSource source = started(builder());
        ScriptedStream stream = ads.awaitStream();
        await().until(() -> isReady(source, CERTIFICATE));
        source.close();
        stream.awaitEnd();
        source.close();
    }

    /** Peers are told the workload's own labels, so the filter belongs to the source. */
    @Test
    void filters_tellPeersWhoThisWorkloadIs() {
        try (IstioSource source = builder().build()) {
            assertThat(source.filters())
                    .flatExtracting(HttpFilterFactory::typeUrls)
                    .containsExactly("type.googleapis.com/io.istio.http.peer_metadata.Config");
        }
    }

    private IstioSourceBuilder builder() {
        return builder("localhost:" + ads.port());
    }

    private IstioSourceBuilder builder(String target) {
        return IstioSource.builder()
                .environment(Map.of())
                .root(folder.resolve("nothing"))
                .istiod(target)
                .certificateAuthority(authority.target())
                .rootCertificates(rootFile)
                .token(token)
                .name("web-1")
                .namespace("default")
                .serviceAccount("web")
                .addresses("10.1.2.3")
                .label("app", "web")
                .settings(QUICK);
    }

    private IstioSource started(IstioSourceBuilder builder) {
        IstioSource source = builder.build();
        source.start(snapshots::add);
        return source;
    }

    private MeshSnapshot last() {
        return snapshots.get(snapshots.size() - 1);
    }

    private static void answer(ScriptedStream stream) {
        stream.respond(ResourceKind.CLUSTER, "1", empty("a"));
        stream.respond(ResourceKind.LISTENER, "1");
    }

    private static Cluster empty(String name) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.STATIC)
                .build();
    }

    private static boolean isReady(IstioSource source, SecretName name) {
        SecretState[] seen = new SecretState[1];
        source.secrets().watch(name, state -> seen[0] = state).close();
        return seen[0] instanceof Ready ready
                && (ready.secret() instanceof Secret.Certificate) == name.equals(CERTIFICATE);
    }

    private ServerCredentials optionalClientCertificate() throws Exception {
        X509Bundle server = new CertificateBuilder()
                .ecp256()
                .subject("CN=istiod")
                .addSanDnsName("localhost")
                .buildIssuedBy(root);
        return TlsServerCredentials.newBuilder()
                .keyManager(stream(server.getCertificatePathPEM()), stream(server.getPrivateKeyPEM()))
                .trustManager(stream(root.getCertificatePEM()))
                .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
                .build();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
