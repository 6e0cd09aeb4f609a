package io.inmesh.xds.graph;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.protocol.ResourceKind.LISTENER;
import static io.inmesh.xds.protocol.ResourceKind.ROUTE_TABLE;
import static io.inmesh.xds.protocol.ResourceKind.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.GenericSecret;
import io.inmesh.model.DataSource;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.TransportSocket;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import io.inmesh.xds.testing.Resources;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SecretGraphTest {
    private static final String KEY = "c3VwZXItc2VjcmV0LWtleQ";

    private final GraphHarness mesh = GraphHarness.started(GraphHarness.WILDCARDS);

    private void receiveTlsCluster(String secret) {
        mesh.receive(LISTENER);
        mesh.receive(CLUSTER, Resources.tlsCluster("orders", secret));
        mesh.receive(ENDPOINTS, Resources.endpoints("orders", 8080));
    }

    private static Secret.Certificate certificate(String chain) {
        return Secret.Certificate.of(DataSource.Inline.of(chain), DataSource.Inline.of(KEY));
    }

    private @Nullable SecretName namedByOrders() {
        return mesh.last().clusters().get("orders") instanceof ClusterState.Ready ready
                        && ready.cluster().transport() instanceof TransportSocket.Tls tls
                ? tls.secrets().get(0)
                : null;
    }

    @Test
    void publish_firstSnapshot_waitsForTheSecretsThatItsClustersName() {
        receiveTlsCluster("id");
        assertThat(mesh.subscribed).contains("SECRET id");
        assertThat(mesh.published).isEmpty();

        Verdict verdict = mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));

        assertThat(verdict).isEqualTo(Verdict.ACCEPTED);
        assertThat(mesh.last().secrets()).containsOnlyKeys("id").containsEntry("id", certificate("v1"));
        assertThat(mesh.endpoints("orders")).containsExactly("127.0.0.1:8080");
    }

    @Test
    void publish_clustersByName_routesWaitForTheSecretOfTheirCluster() {
        GraphHarness named = GraphHarness.started(Set.of());
        named.graph.want(new ResourceName(ResourceName.Kind.LISTENER, "web"));
        named.receive(LISTENER, Resources.listener("web", 80, "routes"));
        named.receive(ROUTE_TABLE, Resources.routes("routes", "orders", "*"));
        named.receive(CLUSTER, Resources.tlsCluster("orders", "id"));
        named.receive(ENDPOINTS, Resources.endpoints("orders", 8080));
        assertThat(named.last().listeners()).isEmpty();
        assertThat(named.last().clusters()).isEmpty();

        named.receive(SECRET, Resources.certificate("id", "v1", KEY));

        assertThat(named.last().listeners()).containsOnlyKeys("web");

        assertThat(named.last().secrets()).containsOnlyKeys("id");
        assertThat(named.endpoints("orders")).hasSize(1);
    }

    @Test
    void missing_secret_holdsNothingUpAndSaysWhy() {
        receiveTlsCluster("id");
        mesh.receive(CLUSTER, Resources.tlsCluster("orders", "id"), Resources.cluster("other"));
        mesh.receive(ENDPOINTS, Resources.endpoints("other", 1));

        mesh.graph.onMissing(SECRET, "id", "no answer within 15 s");

        assertThat(mesh.endpoints("orders")).hasSize(1);
        assertThat(mesh.endpoints("other")).hasSize(1);
        assertThat(mesh.last().secrets()).isEmpty();
        assertThat(mesh.last().absent())
                .containsEntry(new ResourceName(ResourceName.Kind.SECRET, "id"), "no answer within 15 s");

        mesh.receive(SECRET, Resources.certificate("id", "late", KEY));
        assertThat(mesh.last().secrets()).containsEntry("id", certificate("late"));
        assertThat(mesh.last().absent()).isEmpty();
    }

    @Test
    void rotation_ofASecret_changesNothingElseAndNothingNewIsNotPublished() {
        receiveTlsCluster("id");
        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));
        MeshSnapshot before = mesh.last();

        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));
        assertThat(mesh.last()).isSameAs(before);

        mesh.receive(SECRET, Resources.certificate("id", "v2", KEY));
        assertThat(mesh.last().secrets()).containsEntry("id", certificate("v2"));
        assertThat(mesh.last().clusters()).isSameAs(before.clusters());

        MeshSnapshot rotated = mesh.last();
        mesh.receive(ENDPOINTS, Resources.endpoints("orders", 8080, 8081));
        assertThat(mesh.last().secrets()).isSameAs(rotated.secrets());
    }

    @Test
    void warming_newVersionWithAnotherSecret_keepsTheOldOneAndItsSecretUntilThatComes() {
        receiveTlsCluster("id");
        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));

        mesh.receive(CLUSTER, Resources.tlsCluster("orders", "id-2"));
        assertThat(mesh.subscribed).contains("SECRET id", "SECRET id-2");
        assertThat(namedByOrders()).isEqualTo(SecretName.ofControlPlane("id"));
        mesh.receive(SECRET, Resources.certificate("id", "v1b", KEY));
        assertThat(mesh.last().secrets()).containsEntry("id", certificate("v1b"));

        mesh.receive(SECRET, Resources.certificate("id-2", "v2", KEY));
        assertThat(namedByOrders()).isEqualTo(SecretName.ofControlPlane("id-2"));
        assertThat(mesh.last().secrets()).containsOnlyKeys("id-2");
        assertThat(mesh.subscribed).contains("SECRET id-2").doesNotContain("SECRET id");
    }

    @Test
    void removal_ofASecret_keepsTheLastGoodOne() {
        receiveTlsCluster("id");
        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));

        mesh.remove(SECRET, "id");

        assertThat(mesh.last().secrets()).containsEntry("id", certificate("v1"));
        assertThat(mesh.last().absent()).isEmpty();
    }

    @Test
    void refusedVersion_leavesTheLastGoodOneInForce() {
        receiveTlsCluster("id");
        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));

        Verdict verdict = mesh.receive(SECRET, generic("id"));

        assertThat(verdict.rejected())
                .containsEntry("id", "Secret \"id\": generic_secret: is nothing that TLS could use");
        assertThat(mesh.last().secrets()).containsEntry("id", certificate("v1"));
    }

    @Test
    void refusedFirstVersion_holdsNothingUp() {
        receiveTlsCluster("id");

        mesh.receive(SECRET, generic("id"));

        assertThat(mesh.endpoints("orders")).hasSize(1);
        assertThat(mesh.last().absent())
                .containsEntry(
                        new ResourceName(ResourceName.Kind.SECRET, "id"),
                        "Secret \"id\": generic_secret: is nothing that TLS could use");
    }

    private static io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret generic(String name) {
        return io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.newBuilder()
                .setName(name)
                .setGenericSecret(GenericSecret.newBuilder()
                        .setSecret(io.envoyproxy.envoy.config.core.v3.DataSource.newBuilder()
                                .setInlineString(KEY)))
                .build();
    }

    @Test
    void secretThatNobodyAskedFor_isNotKept() {
        receiveTlsCluster("id");

        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY), Resources.certificate("stray", "v1", KEY));
        assertThat(mesh.last().secrets()).containsOnlyKeys("id");

        mesh.receive(CLUSTER, Resources.tlsCluster("orders", "stray"));
        assertThat(namedByOrders()).isEqualTo(SecretName.ofControlPlane("id"));
        assertThat(mesh.subscribed).contains("SECRET stray");
    }

    @Test
    void cluster_thatGoes_letsItsSecretGo() {
        receiveTlsCluster("id");
        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));

        mesh.remove(CLUSTER, "orders");

        assertThat(mesh.last().secrets()).isEmpty();
        assertThat(mesh.subscribed).doesNotContain("SECRET id");
    }

    @Test
    void staticSecret_isNeverAskedFor() {
        GraphHarness fixed = new GraphHarness(GraphHarness.WILDCARDS);
        fixed.graph.addStatic(
                SECRET,
                List.of(new RawResource(SECRET, "id", "static", Any.pack(Resources.certificate("id", "v1", KEY)))));
        fixed.graph.start();
        fixed.receive(LISTENER);
        fixed.receive(CLUSTER, Resources.tlsCluster("orders", "id"));
        fixed.receive(ENDPOINTS, Resources.endpoints("orders", 8080));

        assertThat(fixed.subscribed).doesNotContain("SECRET id");
        assertThat(fixed.last().secrets()).containsEntry("id", certificate("v1"));
        fixed.remove(SECRET, "id");
        assertThat(fixed.last().secrets()).containsOnlyKeys("id");
    }

    @Test
    void texts_ofSnapshotsAndVerdicts_neverShowAKey() {
        receiveTlsCluster("id");
        Verdict verdict = mesh.receive(SECRET, generic("id"));
        mesh.receive(SECRET, Resources.certificate("id", "v1", KEY));

        assertThat(List.of(
                        verdict.toString(),
                        mesh.published.toString(),
                        mesh.last().secrets().toString()))
                .allSatisfy(text -> assertThat(text).doesNotContain(KEY));
    }

    @Test
    void listener_waitsForTheSecretsOfItsChains_andTheOldOneKeepsItsOwn() {
        ResourceTable<Secret> secrets = new ResourceTable<>(io.inmesh.xds.decode.ResourceDecoder::secret);
        ResourceTable<DecodedListener> listeners =
                new ResourceTable<>((name, body) -> new Decoded.Accepted<>(inbound(body.getTypeUrl()), List.of()));
        RouteWarming warming = new RouteWarming(
                listeners,
                new ResourceTable<>(io.inmesh.xds.decode.ResourceDecoder::routeTable),
                secrets,
                table -> true);

        accept(listeners, "id");
        warming.update(Set.of());
        assertThat(warming.warming()).containsExactly("in");
        assertThat(warming.secretNames()).containsExactly("id");

        secrets.missing("id", "did not come");
        warming.update(Set.of());
        assertThat(warming.warming()).isEmpty();
        Listener first = warming.listeners().get("in");
        assertThat(first).isNotNull();

        accept(listeners, "id-2");
        warming.update(Set.of());
        assertThat(warming.listeners().get("in")).isSameAs(first);
        assertThat(warming.secretNames()).containsExactlyInAnyOrder("id", "id-2");

        secrets.missing("id-2", "did not come");
        warming.update(Set.of());
        assertThat(warming.listeners().get("in")).isNotSameAs(first);
        assertThat(warming.secretNames()).containsExactly("id-2");
    }

    private static void accept(ResourceTable<DecodedListener> listeners, String secret) {
        listeners.accept(
                List.of(new RawResource(
                        LISTENER, "in", "1", Any.newBuilder().setTypeUrl(secret).build())),
                false);
    }

    /** A listener with one chain whose certificate comes under that name. */
    private static DecodedListener inbound(String secret) {
        DownstreamTls tls = new DownstreamTls(
                new TlsContext(
                        TlsContext.Parameters.DEFAULT,
                        List.of(new CertificateSource.Sds(SecretName.ofControlPlane(secret))),
                        null,
                        new SecretName("cluster:elsewhere", "roots"),
                        List.of()),
                true,
                false,
                null,
                null,
                true,
                true,
                null,
                false);
        InboundChain chain = new InboundChain("mtls", FilterChainMatch.ANY, tls, List.of(), null, null);
        return new DecodedListener(
                new Listener("in", "127.0.0.1", 8080, null, "no outbound traffic"),
                new InboundListener("in", "127.0.0.1", 8080, false, true, false, List.of(chain), null, null),
                null,
                List.of());
    }
}
