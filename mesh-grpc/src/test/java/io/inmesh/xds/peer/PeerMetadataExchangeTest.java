package io.inmesh.xds.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.PeerMetadata;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.HttpFilterFactory.Levels;
import io.inmesh.model.RawFilterConfig;
import io.inmesh.xds.protocol.XdsNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code istio.metadata_exchange}, in the forms that istiod sends it to sidecars. */
class PeerMetadataExchangeTest {
    private static final XdsNode WEB = new XdsNode(
            "sidecar~10.0.0.5~web-7d9f-x2x.default~default.svc.cluster.local",
            "web.default",
            "eu",
            "eu-1",
            "",
            Map.of(
                    "NAME", "web-7d9f-x2x",
                    "NAMESPACE", "default",
                    "WORKLOAD_NAME", "web",
                    "OWNER", "kubernetes://apis/apps/v1/namespaces/default/deployments/web",
                    "CLUSTER_ID", "Kubernetes",
                    "MESH_ID", "cluster.local",
                    "INSTANCE_IPS", "10.0.0.5",
                    "LABELS",
                            Map.of(
                                    "app", "web",
                                    "version", "v1",
                                    "role", "front",
                                    "service.istio.io/canonical-name", "web",
                                    "service.istio.io/canonical-revision", "v1")));

    private static final Map<String, Object> HEADERS = Map.of("istio_headers", Map.of());
    private static final Map<String, Object> WORKLOADS = Map.of("workload_discovery", Map.of());
    private static final Map<String, Object> CLIENT =
            Map.of("upstream_discovery", List.of(HEADERS, WORKLOADS), "upstream_propagation", List.of(HEADERS));
    private static final Map<String, Object> CLIENT_IN_MESH = Map.of(
            "upstream_discovery",
            List.of(HEADERS, WORKLOADS),
            "upstream_propagation",
            List.of(Map.of("istio_headers", Map.of("skip_external_clusters", true))));
    private static final Map<String, Object> SERVER =
            Map.of("downstream_discovery", List.of(HEADERS, WORKLOADS), "downstream_propagation", List.of(HEADERS));

    private final Exchange exchange = new Exchange();

    private static HttpFilter filter(XdsNode node, Map<String, Object> config) {
        PeerMetadataExchange factory = (PeerMetadataExchange) PeerMetadataExchange.of(node);
        RawFilterConfig raw = new RawFilterConfig(
                "type.googleapis.com/io.istio.http.peer_metadata.Config", ByteBuffer.allocate(0), config);
        return factory.create(new Levels<>(factory.parse(raw), List.of()));
    }

    private static String text(XdsNode node) {
        return Workload.of(node, Set.of()).text();
    }

    @Test
    void client_tellsItsUpstreamWhoItIs() {
        exchange.request(filter(WEB, CLIENT), "x-envoy-peer-metadata", "something of the application's");

        assertThat(exchange.head.headers().all("x-envoy-peer-metadata-id")).containsExactly(WEB.id());
        assertThat(exchange.head.headers().all("x-envoy-peer-metadata")).containsExactly(text(WEB));
    }

    /** The struct that Istio's own proxies send, byte by byte: keys in order, nothing else of the node. */
    @Test
    void text_ofANode_isTheStructOfIstiosProxies() throws Exception {
        byte[] bytes = Base64.getDecoder().decode(text(WEB));

        assertThat(Struct.parseFrom(bytes))
                .isEqualTo(struct(
                        "NAME", "web-7d9f-x2x",
                        "NAMESPACE", "default",
                        "WORKLOAD_NAME", "web",
                        "OWNER", "kubernetes://apis/apps/v1/namespaces/default/deployments/web",
                        "CLUSTER_ID", "Kubernetes",
                        "REGION", "eu",
                        "AVAILABILITY_ZONE", "eu-1",
                        "LABELS",
                                struct(
                                        "app", "web",
                                        "version", "v1",
                                        "service.istio.io/canonical-name", "web",
                                        "service.istio.io/canonical-revision", "v1")));
        List<String> keys = new ArrayList<>();
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        while (!in.isAtEnd()) {
            in.readTag();
            CodedInputStream entry = in.readBytes().newCodedInput();
            entry.readTag();
            keys.add(entry.readStringRequireUtf8());
        }
        assertThat(keys).hasSize(8).isSorted();
    }

    @Test
    void text_ofANodeThatSaysNothing_isAStructWithoutLabels() throws Exception {
        assertThat(Struct.parseFrom(Base64.getDecoder().decode(text(XdsNode.of("node", "cluster")))))
                .isEqualTo(struct("LABELS", struct()));
    }

    static Stream<Arguments> labels() {
        return Stream.of(
                Arguments.of(Map.of(), "web/latest"),
                Arguments.of(Map.of("app", "shop"), "shop/latest"),
                Arguments.of(Map.of("app", "shop", "version", "v2"), "shop/v2"),
                Arguments.of(
                        Map.of(
                                "app", "shop",
                                "version", "v2",
                                "app.kubernetes.io/name", "front",
                                "app.kubernetes.io/version", "2.0"),
                        "front/2.0"),
                Arguments.of(Map.of("app", "shop", "service.istio.io/canonical-name", "store"), "store/latest"));
    }

    /** On a pod that was not injected nobody has written what it counts as. */
    @ParameterizedTest
    @MethodSource("labels")
    void client_ofAPodThatWasNotInjected_countsAsTheInjectorWouldHaveWritten(
            Map<String, Object> labels, String expected) {
        XdsNode node = new XdsNode("n", "c", "", "", "", Map.of("WORKLOAD_NAME", "web", "LABELS", labels));

        exchange.request(filter(WEB, SERVER), "x-envoy-peer-metadata", text(node));

        PeerMetadata peer = Objects.requireNonNull(exchange.info.downstreamPeer());
        assertThat(peer.canonicalService() + "/" + peer.canonicalRevision()).isEqualTo(expected);
    }

    static Stream<Arguments> clusters() {
        return Stream.of(
                Arguments.of(CLIENT, "PassthroughCluster", Map.of(), true),
                Arguments.of(CLIENT, "outbound|80||a", Map.of("external", true), true),
                Arguments.of(CLIENT, "outbound|80||a", Map.of("disable_mx", true), false),
                Arguments.of(CLIENT_IN_MESH, "PassthroughCluster", Map.of(), false),
                Arguments.of(CLIENT_IN_MESH, "outbound|80||a", Map.of("external", true), false),
                Arguments.of(CLIENT_IN_MESH, "outbound|80||a", Map.of("external", "true"), true),
                Arguments.of(CLIENT_IN_MESH, "outbound|80||a", Map.of(), true),
                Arguments.of(CLIENT_IN_MESH, "outbound|80||a", Map.of("disable_mx", true), false));
    }

    /** {@code skipMXHeaders}: by the cluster's name and its metadata. */
    @ParameterizedTest(name = "{1} {2}: {3}")
    @MethodSource("clusters")
    void client_tellsOutsidersOnlyWhereItIsConfiguredTo(
            Map<String, Object> config, String cluster, Map<String, Object> metadata, boolean tells) {
        exchange.info.upstream().cluster(cluster, Map.of("istio", metadata));

        exchange.request(filter(WEB, config));

        assertThat(exchange.head.headers().contains("x-envoy-peer-metadata")).isEqualTo(tells);
        assertThat(exchange.head.headers().contains("x-envoy-peer-metadata-id")).isEqualTo(tells);
    }

    @Test
    void client_takesWhatTheUpstreamSaysOffTheResponse() {
        HttpFilter client = filter(WEB, CLIENT);
        exchange.request(client);

        Headers response = exchange.respond(
                client, "x-envoy-peer-metadata", text(WEB), "x-envoy-peer-metadata-id", "reviews", "x-own", "1");

        assertThat(response).isEqualTo(Headers.of("x-own", "1"));
        assertThat(exchange.info.upstreamPeer())
                .isEqualTo(new PeerMetadata(
                        "web-7d9f-x2x",
                        "default",
                        "web",
                        "deployment",
                        "Kubernetes",
                        "web",
                        "v1",
                        "web",
                        "v1",
                        "eu",
                        "eu-1",
                        Map.of()));
        assertThat(exchange.info.downstreamPeer()).isNull();
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of(true, true),
                Arguments.of(true, false),
                Arguments.of(false, true),
                Arguments.of(false, false));
    }

    /** A caller gets those headers that it has sent. */
    @ParameterizedTest(name = "id {0}, metadata {1}")
    @MethodSource("requests")
    void server_answersWhatItWasTold(boolean id, boolean metadata) {
        HttpFilter server = filter(WEB, SERVER);
        Headers sent = Headers.of("x-own", "1");
        if (id) {
            sent.add("x-envoy-peer-metadata-id", "caller");
        }
        if (metadata) {
            sent.add("x-envoy-peer-metadata", text(WEB));
        }

        exchange.request(server, sent);
        Headers response = exchange.respond(server, "x-envoy-peer-metadata", "of the application");

        assertThat(exchange.head.headers()).isEqualTo(Headers.of("x-own", "1"));
        assertThat(exchange.info.downstreamPeer() != null).isEqualTo(metadata);
        assertThat(response.get("x-envoy-peer-metadata-id")).isEqualTo(id ? WEB.id() : null);
        assertThat(response.get("x-envoy-peer-metadata")).isEqualTo(metadata ? text(WEB) : "of the application");
    }

    @Test
    void server_answersItself_beforeTheFilterSawTheRequest_saysNothing() {
        assertThat(exchange.respond(filter(WEB, SERVER), "x-own", "1")).isEqualTo(Headers.of("x-own", "1"));
    }

    /** Proxies before 1.24 send all that the node says; of that counts what counts today. */
    @Test
    void peer_ofAnOlderProxy_isReadToo() {
        String old = encoded(struct(
                "NAME", "productpage-1",
                "NAMESPACE", "books",
                "WORKLOAD_NAME", "productpage-v1",
                "OWNER", "kubernetes://apis/apps/v1/namespaces/books/cronjobs/productpage-v1",
                "CLUSTER_ID", "c1",
                "APP_CONTAINERS", "app,log",
                "PLATFORM_METADATA", struct("gcp_project", "p"),
                "LABELS",
                        struct(
                                "app", "page",
                                "app.kubernetes.io/name", "productpage",
                                "pod-template-hash", "84975bc778",
                                "version", "v1")));

        exchange.request(filter(WEB, SERVER), "x-envoy-peer-metadata", old);

        assertThat(exchange.info.downstreamPeer())
                .isEqualTo(new PeerMetadata(
                        "productpage-1",
                        "books",
                        "productpage-v1",
                        "cronjob",
                        "c1",
                        "",
                        "",
                        "productpage",
                        "v1",
                        "",
                        "",
                        Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kubernetes://apis/apps/v1/namespaces/default/replicasets/web",
                "deployments/web",
                "s/web",
                "web",
                "",
                "/"
            })
    void workloadType_ofAnotherOwner_isUnknown(String owner) {
        exchange.request(
                filter(WEB, SERVER), "x-envoy-peer-metadata", encoded(struct("WORKLOAD_NAME", "web", "OWNER", owner)));

        assertThat(Objects.requireNonNull(exchange.info.downstreamPeer()).workloadType())
                .isEmpty();
    }

    @Test
    void labels_thatAreAskedForBeside_areToldAndRead() {
        Map<String, Object> config = Map.of(
                "downstream_discovery",
                List.of(HEADERS),
                "upstream_propagation",
                List.of(HEADERS),
                "additional_labels",
                List.of("role", "app", "absent"));
        exchange.request(filter(WEB, config));
        String told = Objects.requireNonNull(exchange.head.headers().get("x-envoy-peer-metadata"));

        new Exchange().request(filter(WEB, config), "x-envoy-peer-metadata", told);
        exchange.request(filter(WEB, config), "x-envoy-peer-metadata", told);

        assertThat(Objects.requireNonNull(exchange.info.downstreamPeer()).labels())
                .isEqualTo(Map.of("role", "front"));
    }

    static Stream<String> nonsense() {
        return Stream.of(
                "",
                "?",
                "not base64 at all",
                Base64.getEncoder().encodeToString(new byte[] {7, 7, 7}),
                "A".repeat(PeerTexts.LONGEST + 4),
                encoded(struct("NAME", "n".repeat(PeerTexts.LONGEST))));
    }

    /** What cannot be read is taken off all the same, so that nobody behind is told it. */
    @ParameterizedTest
    @MethodSource("nonsense")
    void server_toldNonsense_knowsNobodyAndPassesNothingOn(String said) {
        exchange.request(filter(WEB, SERVER), "x-envoy-peer-metadata", said, "x-envoy-peer-metadata-id", "?");

        assertThat(exchange.info.downstreamPeer()).isNull();
        assertThat(exchange.head.headers()).isEqualTo(new Headers());
    }

    /** Nothing that a stranger sends makes reading fail: prefixes and changed bytes of a good text. */
    @Test
    void read_ofDamagedText_neverFails() {
        long seed = 20_260_101;
        Random random = new Random(seed);
        PeerTexts texts = new PeerTexts(Set.of("role"));
        byte[] good = Base64.getDecoder().decode(text(WEB));
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            PeerMetadata peer = texts.read(Base64.getEncoder().encodeToString(bad));
            read += peer == null ? 0 : 1;
        }
        assertThat(read).as("seed " + seed).isBetween(1, 19_999);
    }

    /** Who says another's id is not taken for him, as the text counts and not the id. */
    @Test
    void peer_withTheIdOfAnother_isWhatItsOwnTextSays() {
        HttpFilter server = filter(WEB, SERVER);
        exchange.request(server, "x-envoy-peer-metadata-id", "web", "x-envoy-peer-metadata", text(WEB));
        Exchange second = new Exchange();

        second.request(
                server, "x-envoy-peer-metadata-id", "web", "x-envoy-peer-metadata", encoded(struct("NAME", "other")));

        assertThat(Objects.requireNonNull(second.info.downstreamPeer()).instance())
                .isEqualTo("other");
    }

    @Test
    void peer_isNothingThatRulesOfAuthorizationSee() {
        exchange.request(filter(WEB, SERVER), "x-envoy-peer-metadata", text(WEB));

        assertThat(exchange.info.filterState("downstream_peer")).isNull();
        assertThat(exchange.info.dynamicMetadata("istio.metadata_exchange")).isNull();
    }

    @Test
    void parse_whatIsNoSuchConfiguration_saysWhy() {
        assertThatThrownBy(() -> filter(WEB, Map.of("downstream_discovery", "all")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("downstream_discovery must be a list");
        assertThatThrownBy(() -> filter(WEB, Map.of("upstream_propagation", List.of(Map.of("istio_headers", 1.0)))))
                .hasMessage("upstream_propagation.istio_headers must hold messages");
    }

    private static Struct struct(Object... namesAndValues) {
        Struct.Builder struct = Struct.newBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Value.Builder value = Value.newBuilder();
            if (namesAndValues[i + 1] instanceof Struct inner) {
                value.setStructValue(inner);
            } else {
                value.setStringValue((String) namesAndValues[i + 1]);
            }
            struct.putFields((String) namesAndValues[i], value.build());
        }
        return struct.build();
    }

    private static String encoded(Struct struct) {
        return Base64.getEncoder().withoutPadding().encodeToString(struct.toByteArray());
    }

    /** One request and its response. */
    private static final class Exchange implements FilterStream {
        final RequestHead head = new RequestHead("GET", "http", "reviews:9080", "/", new Headers());
        final StreamInfo info = new StreamInfo();
        private @Nullable Object attachment;

        void request(HttpFilter filter, String... headers) {
            request(filter, Headers.of(headers));
        }

        void request(HttpFilter filter, Headers headers) {
            head.headers().clear();
            for (int i = 0; i < headers.size(); i++) {
                head.headers().add(headers.name(i), headers.value(i));
            }
            assertThat(filter.onRequest(this)).isSameAs(FilterStep.CONTINUE);
        }

        Headers respond(HttpFilter filter, String... headers) {
            ResponseHead response = new ResponseHead(200, Headers.of(headers));
            assertThat(filter.onResponse(this, response)).isSameAs(FilterStep.CONTINUE);
            return response.headers();
        }

        @Override
        public RequestHead request() {
            return head;
        }

        @Override
        public boolean endStream() {
            return true;
        }

        @Override
        public StreamInfo info() {
            return info;
        }

        @Override
        public void clearRouteCache() {}

        @Override
        public @Nullable Object attachment() {
            return attachment;
        }

        @Override
        public void attachment(@Nullable Object newAttachment) {
            attachment = newAttachment;
        }
    }
}
