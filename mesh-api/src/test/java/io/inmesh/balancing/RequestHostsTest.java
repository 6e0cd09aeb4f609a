package io.inmesh.balancing;

import static io.inmesh.balancing.Clusters.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.Discovery.DynamicForwardProxy;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.Endpoint;
import io.inmesh.model.TransportSocket;
import io.inmesh.snapshot.Dialect.Destination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clusters whose requests name their hosts. */
class RequestHostsTest {
    private static final TransportSocket SECURE = new TransportSocket.Unusable("a socket that is not plaintext");

    private final List<Host> retired = new ArrayList<>();
    private int outdated;
    private long nanos = -5;
    private final UpstreamClusters clusters = new UpstreamClusters(new SplittableRandom(1), () -> nanos);

    RequestHostsTest() {
        clusters.addListener(new UpstreamListener() {
            @Override
            public void hostRetired(UpstreamCluster cluster, Host host) {
                assertThat(host.retired()).isTrue();
                retired.add(host);
            }

            @Override
            public void connectionsOutdated(UpstreamCluster cluster) {
                outdated++;
            }
        });
    }

    private UpstreamCluster serve(Cluster cluster) {
        clusters.apply(snapshot(cluster, Assignment.empty("c")));
        return clusters.get("c");
    }

    private UpstreamCluster serve(Discovery discovery) {
        return serve(Cluster.of("c", discovery));
    }

    private static DynamicForwardProxy proxy(Duration hostTtl, int maxHosts) {
        return new DynamicForwardProxy(
                DnsFamily.V4_ONLY,
                Duration.ofSeconds(60),
                Duration.ofSeconds(7),
                Duration.ofSeconds(5),
                hostTtl,
                maxHosts);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    /** A request as it is going to be sent, and where the application wanted it to go. */
    private record Request(Destination destination, RequestHead request, boolean keepsHost, PickTrace trace)
            implements PickContext {
        static Request to(String authority, String... headers) {
            return new Request(
                    Destination.of("http", "asked.example:9080"),
                    new RequestHead("GET", "http", authority, "/", Headers.of(headers)),
                    true,
                    new PickTrace());
        }

        @Override
        public RandomGenerator random() {
            return new SplittableRandom(1);
        }
    }

    private static @Nullable Host pick(UpstreamCluster cluster, String authority) {
        return cluster.pick(Request.to(authority));
    }

    private static Host host(UpstreamCluster cluster, String authority) {
        return Objects.requireNonNull(pick(cluster, authority), authority);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            no header is looked at                 | ''   | 0    | x-to: 10.0.0.1:1         | asked.example:9080
            another port                           | ''   | 15008 | x-to: 10.0.0.1:1        | asked.example:15008
            the header                             | x-to | 0    | x-to: 10.0.0.1:1         | 10.0.0.1:1
            the header, and another port           | x-to | 15008 | x-to: 10.0.0.1:1        | 10.0.0.1:15008
            the header with an IPv6 address        | x-to | 0    | x-to: [2001:DB8::1]:81   | [2001:db8::1]:81
            no header                              | x-to | 0    | x-other: 10.0.0.1:1      | asked.example:9080
            a name in it is nothing to go by       | x-to | 0    | x-to: inside.example:80  | asked.example:9080
            nor is an address without a port       | x-to | 0    | x-to: 10.0.0.1           | asked.example:9080
            nor is an IPv6 address without a port  | x-to | 0    | x-to: 2001:db8::1        | asked.example:9080
            nor a port that is none                | x-to | 0    | x-to: 10.0.0.1:99999     | asked.example:9080
            nor nothing                            | x-to | 0    | x-to: ''                 | asked.example:9080
            """)
    void originalDestination_isWhatWasAskedForUnlessTheHeaderIsAnAddress(
            String what, String header, int port, String field, String expected) {
        UpstreamCluster cluster = serve(new OriginalDestination(header, port, Duration.ofSeconds(5)));
        String[] nameAndValue = field.split(": ", 2);
        Host host = cluster.pick(Request.to("rewritten.example", nameAndValue[0], nameAndValue[1].replace("''", "")));

        assertThat(host).as(what).hasToString(expected);
    }

    @Test
    void originalDestination_nobodyKnowsIt_hasNoHost() {
        UpstreamCluster cluster = serve(new OriginalDestination());
        PickTrace trace = new PickTrace();
        PickContext nobody = new PickContext() {
            @Override
            public RandomGenerator random() {
                return new SplittableRandom(1);
            }

            @Override
            public PickTrace trace() {
                return trace;
            }
        };

        assertThat(cluster.pick(nobody)).isNull();
        assertThat(trace.overflow()).isFalse();
        assertThat(trace).hasToString("the request names no host (the cluster has 0 of them)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.example          | false | a.example:80
            a.example          | true  | a.example:443
            A.Example:8443     | true  | a.example:8443
            10.1.2.3           | false | 10.1.2.3:80
            [::1]:81           | false | [::1]:81
            """)
    void forwardProxy_isTheRewrittenAuthorityAndThePortOfItsTransport(
            String authority, boolean secure, String expected) {
        Cluster cluster = Cluster.of("c", new DynamicForwardProxy());
        Host host = host(serve(secure ? cluster.with(SECURE, List.of()) : cluster), authority);

        assertThat(host).hasToString(expected);
        assertThat(host.name() == null)
                .as("known by its address")
                .isEqualTo(Character.isDigit(expected.charAt(0)) || expected.startsWith("["));
    }

    @Test
    void forwardProxy_authorityThatIsNone_hasNoHost() {
        assertThat(pick(serve(new DynamicForwardProxy()), "a.example:x")).isNull();
    }

    @Test
    void hosts_areTheSameObjectAsLongAsTheyAreUsed() {
        UpstreamCluster cluster = serve(proxy(Duration.ofSeconds(100), 10));
        Host first = host(cluster, "a.example");
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(90));
            assertThat(host(cluster, "a.example:80")).isSameAs(first);
        }
        assertThat(cluster.hosts()).containsExactly(first);
        assertThat(retired).isEmpty();
    }

    @Test
    void hosts_notUsedForTheirTime_goWithTheNextRequest() {
        UpstreamCluster cluster = serve(proxy(Duration.ofSeconds(100), 10));
        Host idle = host(cluster, "idle.example");
        Host busy = host(cluster, "busy.example");
        busy.activeRequests().incrementAndGet();
        pass(Duration.ofSeconds(101));
        Host next = host(cluster, "next.example");

        assertThat(retired).containsExactly(idle);
        assertThat(cluster.hosts()).containsExactlyInAnyOrder(busy, next);
        assertThat(host(cluster, "idle.example")).isNotSameAs(idle);

        busy.activeRequests().decrementAndGet();
        pass(Duration.ofSeconds(90));
        host(cluster, "next.example");
        assertThat(retired).as("its last request was there a moment ago").containsExactly(idle);
    }

    /** Envoy keeps a host while it has connections, and those go by their idle timeout. */
    @Test
    void originalDestination_staysForTheIdleTimeoutOfItsConnections() {
        UpstreamCluster cluster = serve(new OriginalDestination("", 0, Duration.ofSeconds(5)));
        Request request = Request.to("any");
        Host host = cluster.pick(request);
        pass(Duration.ofMinutes(59));
        cluster.pick(new Request(Destination.of("http", "b"), request.request(), true, new PickTrace()));
        assertThat(retired).isEmpty();
        pass(Duration.ofMinutes(2));
        cluster.pick(new Request(Destination.of("http", "b"), request.request(), true, new PickTrace()));
        assertThat(retired).containsExactly(host);
    }

    @Test
    void forwardProxy_asManyHostsAsThereMayBe_refusesMore() {
        UpstreamCluster cluster = serve(proxy(Duration.ofSeconds(100), 2));
        host(cluster, "a.example");
        host(cluster, "b.example");
        Request more = Request.to("c.example");

        assertThat(cluster.pick(more)).isNull();
        assertThat(more.trace().overflow()).isTrue();
        assertThat(more.trace())
                .hasToString("no place for the host that the request names (the cluster has 2 of them)");
        assertThat(pick(cluster, "a.example")).as("one that is there").isNotNull();

        pass(Duration.ofSeconds(101));
        assertThat(cluster.pick(more)).as("the others' time is over").isNotNull();
        assertThat(more.trace().overflow()).isFalse();
    }

    @Test
    void originalDestination_madeUpAddresses_makeRoomForEachOtherOldestFirst() {
        UpstreamCluster cluster = serve(new OriginalDestination("x-to", 0, Duration.ofSeconds(5)));
        List<Host> made = new ArrayList<>();
        int most = 0;
        for (int i = 0; i < 20_000; i++) {
            pass(Duration.ofNanos(1));
            made.add(Objects.requireNonNull(cluster.pick(
                    Request.to("any", "x-to", "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + ":80"))));
            if (i % 100 == 0) {
                most = Math.max(most, cluster.hosts().size());
            }
        }

        assertThat(most).isBetween(4000, 4096);
        assertThat(retired).isEqualTo(made.subList(0, retired.size()));
        assertThat(retired.size() + cluster.hosts().size()).isEqualTo(made.size());
    }

    /** The first hundred thousand requests are over when the last one comes, if each does the same; were each to look at all hosts, it would take minutes. */
    @Test
    @Timeout(60)
    void originalDestination_allInUse_costsARequestNoMoreThanOneHost() {
        UpstreamCluster cluster = serve(new OriginalDestination("x-to", 0, Duration.ofSeconds(5)));
        Host[] made = new Host[100_000];
        for (int i = 0; i < made.length; i++) {
            pass(Duration.ofMillis(1));
            made[i] = Objects.requireNonNull(cluster.pick(
                    Request.to("any", "x-to", "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + ":80")));
            made[i].activeRequests().incrementAndGet();
        }
        assertThat(retired).isEmpty();

        for (Host host : made) {
            host.activeRequests().decrementAndGet();
        }
        for (int i = 0; i < 20_000; i++) {
            cluster.pick(Request.to("any", "x-to", "10.0.0.1:80"));
            cluster.pick(Request.to("any", "x-to", "11.0." + (i >> 8) + "." + (i & 255) + ":80"));
        }
        assertThat(cluster.hosts()).as("they went as others came").hasSize(4096);
        assertThat(cluster.hosts()).extracting(Host::address).contains("10.0.0.1");
        assertThat(retired).doesNotHaveDuplicates();
    }

    /** Made-up addresses push out one another, and not what is in use or asked for again and again. */
    @Test
    void originalDestination_madeUpAddresses_leaveThoseThatAreUsed() {
        UpstreamCluster cluster = serve(new OriginalDestination("x-to", 0, Duration.ofSeconds(5)));
        Host busy = Objects.requireNonNull(cluster.pick(Request.to("any", "x-to", "10.0.0.1:80")));
        busy.activeRequests().incrementAndGet();
        Host again = Objects.requireNonNull(cluster.pick(Request.to("any", "x-to", "10.0.0.2:80")));
        for (int i = 0; i < 50_000; i++) {
            pass(Duration.ofMillis(1));
            cluster.pick(Request.to("any", "x-to", "11.0." + (i >> 8) + "." + (i & 255) + ":80"));
            if (i % 1000 == 0) {
                assertThat(cluster.pick(Request.to("any", "x-to", "10.0.0.2:80")))
                        .isSameAs(again);
            }
        }
        assertThat(retired).hasSizeGreaterThan(40_000).doesNotContain(busy, again);
        assertThat(cluster.hosts()).hasSize(4096);
    }

    @Test
    void originalDestination_allInUse_servesMore() {
        UpstreamCluster cluster = serve(new OriginalDestination("x-to", 0, Duration.ofSeconds(5)));
        for (int i = 0; i < 5000; i++) {
            Objects.requireNonNull(cluster.pick(Request.to("any", "x-to", "10.0.0.1:" + (i + 1))))
                    .activeRequests()
                    .incrementAndGet();
        }
        assertThat(cluster.hosts()).hasSize(5000);
        assertThat(retired).isEmpty();
    }

    @Test
    void asking_keepsNoHost() {
        UpstreamCluster cluster = serve(proxy(Duration.ofSeconds(100), 1));
        Request request = Request.to("a.example");
        Host thought = cluster.pick(new Request(request.destination(), request.request(), false, new PickTrace()));

        assertThat(thought).hasToString("a.example:80");
        assertThat(cluster.hosts()).isEmpty();
        assertThat(host(cluster, "b.example")).hasToString("b.example:80");
    }

    @Test
    void forwardProxy_ejectedHost_isNotGiven() {
        UpstreamCluster cluster = serve(new DynamicForwardProxy());
        Host host = host(cluster, "a.example");
        cluster.eject(host, true);
        assertThat(pick(cluster, "a.example")).isNull();
        cluster.eject(host, false);
        assertThat(pick(cluster, "a.example")).isSameAs(host);
    }

    @Test
    void configuration_otherTransport_leavesHostsAndOutdatesConnections() {
        Cluster before = Cluster.of("c", new OriginalDestination()).with(SECURE, List.of());
        UpstreamCluster cluster = serve(before);
        Host host = cluster.pick(Request.to("any"));
        TransportSocket other = new TransportSocket.Unusable("another");
        serve(before.with(other, List.of()));

        assertThat(cluster.pick(Request.to("any")))
                .isSameAs(host)
                .extracting(Host::transport)
                .isEqualTo(other);
        assertThat(outdated).isOne();
        assertThat(retired).isEmpty();
    }

    @Test
    void configuration_otherDiscovery_retiresHosts() {
        UpstreamCluster cluster = serve(new DynamicForwardProxy());
        Host host = host(cluster, "a.example");
        clusters.apply(
                snapshot(Cluster.of("c", new Discovery.Static()), Assignment.of("c", Endpoint.of("10.0.0.1", 80))));

        assertThat(retired).containsExactly(host);
        assertThat(host(cluster, "a.example")).hasToString("10.0.0.1:80");
        assertThat(cluster.hosts()).hasSize(1);
    }

    @Test
    void cluster_thatGoes_retiresHosts() {
        UpstreamCluster cluster = serve(new OriginalDestination());
        Host host = cluster.pick(Request.to("any"));
        clusters.apply(snapshot(java.util.Map.of()));

        assertThat(retired).containsExactly(host);
        assertThat(cluster.pick(Request.to("any"))).isNull();
    }

    /** A new host must not keep the rules that were in force when a request asked for it. */
    @Test
    void update_whileAHostIsMade_reachesTheHost() throws Exception {
        Cluster cluster = Cluster.of("c", new DynamicForwardProxy());
        RequestRules before = Objects.requireNonNull(RequestRules.of(cluster));
        RequestRules after = Objects.requireNonNull(RequestRules.of(cluster.with(SECURE, List.of())));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        for (int round = 0; round < 5000; round++) {
            RequestHosts hosts = new RequestHosts(before, new MeshNames(), () -> 0, gone -> {});
            Future<?> update = thread.submit(() -> hosts.update(after));
            int made = 0;
            do {
                hosts.pick(Request.to("host-" + made++ + ".example"));
            } while (!update.isDone());
            update.get();

            assertThat(hosts.all()).extracting(Host::transport).containsOnly(after.transport());
        }
        thread.shutdown();
    }

    /** Many threads ask for few and many hosts while they go: each gets the host that it named, and none is lost to the listener. */
    @Test
    void pick_underLoad_givesEachItsHost() throws Exception {
        UpstreamClusters own = new UpstreamClusters(new SplittableRandom(1), System::nanoTime);
        var told = java.util.concurrent.ConcurrentHashMap.<Host>newKeySet();
        own.addListener(new UpstreamListener() {
            @Override
            public void hostRetired(UpstreamCluster cluster, Host host) {
                assertThat(told.add(host)).as("told once").isTrue();
            }

            @Override
            public void connectionsOutdated(UpstreamCluster cluster) {}
        });
        Cluster configuration = Cluster.of("c", new OriginalDestination("x-to", 0, Duration.ofMillis(1)));
        own.apply(snapshot(configuration, Assignment.empty("c")));
        UpstreamCluster cluster = own.get("c");
        var seen = java.util.concurrent.ConcurrentHashMap.<Host>newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> ends = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            SplittableRandom random = new SplittableRandom(thread);
            ends.add(threads.submit(() -> {
                start.await();
                for (int i = 0; i < 20_000; i++) {
                    int port = 1 + (random.nextInt(4) == 0 ? random.nextInt(60_000) : random.nextInt(10));
                    Host host = Objects.requireNonNull(cluster.pick(Request.to("any", "x-to", "10.0.0.1:" + port)));
                    assertThat(host.port()).isEqualTo(port);
                    seen.add(host);
                }
                return null;
            }));
        }
        start.countDown();
        for (Future<?> end : ends) {
            end.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();

        assertThat(cluster.hosts()).hasSizeLessThanOrEqualTo(4096 + 4);
        assertThat(told)
                .as("retired hosts")
                .isEqualTo(seen.stream().filter(Host::retired).collect(java.util.stream.Collectors.toSet()));
        assertThat(seen).as("living hosts").containsAll(cluster.hosts());
    }
}
