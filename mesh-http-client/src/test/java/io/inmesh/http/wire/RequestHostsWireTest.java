package io.inmesh.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickContext;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery.DynamicForwardProxy;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hosts that are known by their names, over real sockets. */
@ExtendWith(LeakWatch.class)
class RequestHostsWireTest {
    private static final int MOST_HOSTS = 40;
    private static final Duration QUERY_TIMEOUT = Duration.ofMillis(300);
    private static final Duration HOST_TTL = Duration.ofMinutes(5);

    /** Whether each request needs a connection of its own. */
    private volatile boolean oneRequestEach;

    private final HttpTestServer server = HttpTestServer.start(request -> oneRequestEach
            ? Response.of(200, "bye", "connection", "close")
            : Response.ok("from " + request.header("host")));
    private final AtomicLong nanos = new AtomicLong();
    private final UpstreamClusters clusters = new UpstreamClusters(new Random(1), nanos::get);
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> askedOn = new CopyOnWriteArrayList<>();
    private volatile AddressResolver answer = host -> List.of(InetAddress.getLoopbackAddress());
    private final NettyTransport transport =
            NettyTransport.create(WireOptions.DEFAULT.withLoops(1).withResolver(host -> {
                asked.add(host);
                askedOn.add(Thread.currentThread().getName());
                return answer.resolve(host);
            }));

    RequestHostsWireTest() {
        clusters.addListener(transport);
        publish(Map.of());
    }

    private void publish(Map<String, List<String>> addresses) {
        DynamicForwardProxy proxy = new DynamicForwardProxy(
                DnsFamily.V4_PREFERRED,
                Duration.ofMinutes(1),
                Duration.ofSeconds(30),
                QUERY_TIMEOUT,
                HOST_TTL,
                MOST_HOSTS);
        clusters.apply(new MeshSnapshot(
                1,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of("c", new ClusterState.Ready(Cluster.of("c", proxy), Assignment.empty("c"))),
                Map.of(),
                addresses,
                Map.of()));
    }

    @AfterEach
    void close() {
        transport.close();
        transport.closed().toCompletableFuture().join();
        server.close();
    }

    private UpstreamTarget target(String host) {
        UpstreamCluster cluster = clusters.get("c");
        RequestHead head = new RequestHead("GET", "http", host + ":" + server.port(), "/", new Headers());
        Host chosen = cluster.pick(new PickContext() {
            @Override
            public RandomGenerator random() {
                return new Random(1);
            }

            @Override
            public RequestHead request() {
                return head;
            }
        });
        return new UpstreamTarget.ToHost(cluster, Objects.requireNonNull(chosen), false, HttpVersion.HTTP_1, null);
    }

    private Call get(String host) {
        return Call.get(transport, target(host));
    }

    @Test
    void name_isResolvedOffTheLoopWhenAConnectionIsMade() {
        assertThat(get("a.example").awaitComplete().text()).isEqualTo("from svc.example");
        assertThat(get("a.example").awaitComplete().connections.get(0).reused()).isTrue();

        assertThat(asked).containsExactly("a.example");
        assertThat(askedOn).singleElement().asString().startsWith("inmesh-wire-dns");
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void name_ofTheMesh_isNotAskedFor() {
        publish(Map.of("only.mesh", List.of("127.0.0.1")));
        assertThat(get("only.mesh").awaitComplete().status()).isEqualTo(200);
        assertThat(asked).isEmpty();
    }

    @Test
    void name_withSeveralAddresses_areTriedInTurn() throws Exception {
        InetAddress refusing = InetAddress.getByAddress(new byte[] {127, 0, 0, 3});
        InetAddress other = InetAddress.getByAddress(new byte[] {127, 0, 0, 5});
        answer = host -> List.of(other, refusing, InetAddress.getLoopbackAddress());

        assertThat(get("a.example").awaitComplete().connections.get(0).remoteAddress())
                .isEqualTo(server.authority());
    }

    @Test
    void name_withoutAddress_failsAndIsNotAskedForAgainForAWhile() {
        answer = host -> {
            throw new UnknownHostException(host + ": nobody knows it");
        };
        Reset reset = get("a.example").awaitReset();
        assertThat(reset.reason()).isEqualTo(ResetReason.RESOLUTION_FAILURE);
        assertThat(reset.detail()).contains("a.example: nobody knows it");

        answer = host -> List.of(InetAddress.getLoopbackAddress());
        assertThat(get("a.example").resetReason()).isEqualTo(ResetReason.RESOLUTION_FAILURE);
        assertThat(asked).containsExactly("a.example");

        nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        assertThat(get("a.example").awaitComplete().status()).isEqualTo(200);
    }

    @Test
    void name_thatWasResolvedOnce_isReachedWhileTheResolverIsAway() {
        get("a.example").awaitComplete();
        server.closeConnections();
        await().until(() -> server.openConnections() == 0);
        answer = host -> {
            throw new UnknownHostException(host);
        };

        assertThat(get("a.example").awaitComplete().status()).isEqualTo(200);
        assertThat(asked).containsExactly("a.example", "a.example");
    }

    @Test
    void name_thatWasResolvedOnce_isReachedWhileTooManyOthersAreResolved() {
        UpstreamTarget target = target("a.example");
        Call.get(transport, target).awaitComplete();
        WireLoop loop = (WireLoop) transport.next();
        NameLookup full = new NameLookup(answer, task -> {
            throw new RejectedExecutionException();
        });
        Wiring wiring = new Wiring(
                WireOptions.DEFAULT,
                loop.wiring().channelType(),
                full,
                loop.wiring().security());
        CompletableFuture<List<InetSocketAddress>> told = new CompletableFuture<>();
        Destination.of(target, WireOptions.DEFAULT)
                .addresses(
                        new WireLoop(loop.eventLoop(), wiring, () -> {}),
                        (addresses, problem) -> told.complete(addresses == null ? List.of() : addresses));

        assertThat(told)
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port())));
    }

    private AddressResolver hangsOn(String name, CountDownLatch until) {
        return host -> {
            if (host.equals(name)) {
                try {
                    until.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return List.of(InetAddress.getLoopbackAddress());
        };
    }

    @Test
    void resolver_thatHangs_holdsUpNoOtherHost() {
        CountDownLatch hang = new CountDownLatch(1);
        answer = hangsOn("slow.example", hang);
        get("slow.example");
        for (int i = 0; i < 5; i++) {
            assertThat(get("quick-" + i + ".example").awaitComplete().status()).isEqualTo(200);
        }
        hang.countDown();
    }

    @Test
    void resolver_thatHangs_leavesAddressesThatAreKnown() {
        oneRequestEach = true;
        UpstreamTarget target = target("a.example");
        Call.get(transport, target).awaitComplete();
        CountDownLatch hang = new CountDownLatch(1);
        answer = hangsOn("a.example", hang);
        for (int i = 0; i < 3; i++) {
            assertThat(Call.get(transport, target).awaitComplete().status()).isEqualTo(200);
            // The time after which a name that failed is asked for again.
            nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        }
        assertThat(asked).as("who has not answered is not asked again").containsExactly("a.example", "a.example");
        hang.countDown();
    }

    @Test
    void resolver_thatHangsOnANameWithoutAddress_isGivenUpAndCountsWhenItAnswers() {
        CountDownLatch hang = new CountDownLatch(1);
        answer = hangsOn("a.example", hang);
        Reset reset = get("a.example").awaitReset();
        assertThat(reset.reason()).isEqualTo(ResetReason.RESOLUTION_FAILURE);
        assertThat(reset.detail()).isEqualTo("cannot resolve a.example: no answer within 300 ms");
        assertThat(get("a.example").resetReason()).isEqualTo(ResetReason.RESOLUTION_FAILURE);

        answer = host -> {
            throw new UnknownHostException(host);
        };
        hang.countDown();
        await().untilAsserted(() -> assertThat(clusters.get("c").hosts())
                .singleElement()
                .extracting(host -> Objects.requireNonNull(host.name()).patienceNanos())
                .isNotEqualTo(QUERY_TIMEOUT.toNanos()));
        assertThat(get("a.example").awaitComplete().status()).isEqualTo(200);
    }

    /** Fifty times as many hosts as there may be: what is not used goes, and its connections with it. */
    @Test
    void hosts_thatComeAndGo_leaveNoConnections() {
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < MOST_HOSTS; i++) {
                assertThat(get("host-" + round + "-" + i + ".example")
                                .awaitComplete()
                                .status())
                        .isEqualTo(200);
            }
            assertThat(clusters.get("c").hosts()).hasSize(MOST_HOSTS);
            nanos.addAndGet(HOST_TTL.toNanos());
        }
        assertThat(server.connections()).isEqualTo(50 * MOST_HOSTS);
        // A few hosts go with each request.
        for (int i = 0; i < MOST_HOSTS; i++) {
            get("last.example").awaitComplete();
        }

        await().untilAsserted(() -> assertThat(server.openConnections()).isEqualTo(1));
        assertThat(clusters.get("c").hosts()).hasSize(1);
    }
}
