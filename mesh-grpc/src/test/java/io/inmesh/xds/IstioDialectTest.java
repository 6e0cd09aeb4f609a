package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Assignment;
import io.inmesh.model.CidrRange;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterChainMatch.SourceType;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.model.Listener.TcpChain;
import io.inmesh.model.PortSet;
import io.inmesh.model.RouteTable;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.Dialect.Directory;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A sidecar's listeners in istiod's shape: HTTP at 8080 for all addresses; {@code orders} at 9090 with a port whose protocol is found out; {@code db} with TCP at 3306;
 * TLS by server name at 443; HTTP and TCP by address at 7000.
 */
class IstioDialectTest {
    private static final String PASSTHROUGH = "PassthroughCluster";
    private static final String BLACK_HOLE = "BlackHoleCluster";
    private static final FilterChainMatch SNIFFED = new FilterChainMatch(
            0,
            List.of(),
            List.of(),
            "raw_buffer",
            List.of("http/1.1", "h2c"),
            List.of(),
            SourceType.ANY,
            List.of(),
            List.of());

    private final Map<String, Listener> listeners = new LinkedHashMap<>();
    private final Map<String, InboundListener> inbound = new LinkedHashMap<>();
    private final Map<String, RouteTable> tables = new HashMap<>();
    private final Map<String, ClusterState> clusters = new HashMap<>();
    private final Map<String, List<String>> names = new HashMap<>();

    @ParameterizedTest
    @CsvSource({
        // scheme, host, port, ALLOW_ANY, REGISTRY_ONLY, REGISTRY_ONLY and the application allows passthrough
        "http, reviews, 8080, 0.0.0.0_8080, 0.0.0.0_8080, 0.0.0.0_8080",
        "http, anything.example.com, 8080, 0.0.0.0_8080, 0.0.0.0_8080, 0.0.0.0_8080",
        "http, 10.1.2.3, 8080, 0.0.0.0_8080, 0.0.0.0_8080, 0.0.0.0_8080",
        "http, fd00::1, 8080, 0.0.0.0_8080, 0.0.0.0_8080, 0.0.0.0_8080",
        "https, reviews, 8080, straight, refused, straight",
        "http, 10.1.2.3, 9090, 10.1.2.3_9090, 10.1.2.3_9090, 10.1.2.3_9090",
        "http, orders.shop.svc.cluster.local, 9090, 10.1.2.3_9090, 10.1.2.3_9090, 10.1.2.3_9090",
        "http, orders.shop.svc.cluster.local., 9090, 10.1.2.3_9090, 10.1.2.3_9090, 10.1.2.3_9090",
        "http, orders.shop.svc, 9090, 10.1.2.3_9090, 10.1.2.3_9090, 10.1.2.3_9090",
        "http, orders.shop, 9090, 10.1.2.3_9090, 10.1.2.3_9090, 10.1.2.3_9090",
        "http, orders, 9090, 10.1.2.3_9090, 10.1.2.3_9090, 10.1.2.3_9090",
        "http, orders.other, 9090, straight, refused, straight",
        "http, unknown, 9090, straight, refused, straight",
        "https, orders, 9090, straight, straight, straight",
        "http, 10.1.2.4, 3306, refused, refused, refused",
        "http, db.shop.svc.cluster.local, 3306, refused, refused, refused",
        "http, db.shop.svc, 3306, refused, refused, refused",
        "http, db.shop, 3306, refused, refused, refused",
        "http, db, 3306, refused, refused, refused",
        "https, db.shop, 3306, straight, straight, straight",
        "http, 10.1.2.5, 3306, straight, refused, straight",
        "https, a.example.com, 443, straight, straight, straight",
        "https, A.example.com, 443, straight, straight, straight",
        "https, b.example.com, 443, straight, refused, straight",
        "https, x.wild.org, 443, straight, straight, straight",
        "https, x.y.wild.org, 443, straight, straight, straight",
        "https, wild.org, 443, straight, refused, straight",
        "https, blocked.example.com, 443, refused, refused, straight",
        "https, 10.9.1.1, 443, straight, straight, straight",
        "https, 10.8.1.1, 443, straight, refused, straight",
        "http, a.example.com, 443, straight, refused, straight",
        "http, 10.7.1.1, 7000, refused, refused, refused",
        "http, cidr.example.com, 7000, refused, refused, refused",
        "http, 10.6.1.1, 7000, 0.0.0.0_7000, 0.0.0.0_7000, 0.0.0.0_7000",
        "http, somewhere, 7000, 0.0.0.0_7000, 0.0.0.0_7000, 0.0.0.0_7000",
        // A service without an address has its port for itself: what else goes there is none of the mesh.
        "http, pg.example.com, 5432, refused, refused, refused",
        "http, other.example.com, 5432, refused, refused, refused",
        "https, pg.example.com, 5432, straight, straight, straight",
        "https, other.example.com, 5432, straight, refused, straight",
        "http, unknown, 1234, straight, refused, straight",
        "https, unknown, 1234, straight, refused, straight",
        "http, unknown, 15001, refused, refused, straight",
        // Nothing redirects these to a sidecar.
        "http, localhost, 8080, straight, straight, straight",
        "http, 127.0.0.1, 1234, straight, straight, straight",
        "https, ::1, 8080, straight, straight, straight",
        "http, 127.0.0.2, 8080, 0.0.0.0_8080, 0.0.0.0_8080, 0.0.0.0_8080",
        // A Sidecar's egress listener.
        "http, 127.0.0.1, 6000, 127.0.0.1_6000, 127.0.0.1_6000, 127.0.0.1_6000",
        "http, localhost, 6000, 127.0.0.1_6000, 127.0.0.1_6000, 127.0.0.1_6000",
        "http, egress.example.com, 6000, 127.0.0.1_6000, 127.0.0.1_6000, 127.0.0.1_6000",
        "http, egress.example.com., 6000, 127.0.0.1_6000, 127.0.0.1_6000, 127.0.0.1_6000",
        "http, a.tenants.example.com, 6000, 127.0.0.1_6000, 127.0.0.1_6000, 127.0.0.1_6000",
        "http, tenants.example.com, 6000, straight, refused, straight",
    })
    void destination_underEachPolicy_takesItsWay(
            String scheme, String host, int port, String allowAny, String registryOnly, String permitted) {
        Destination destination = new Destination(scheme, host.toLowerCase(java.util.Locale.ROOT), port);

        assertThat(way(mesh(true).index(), destination)).isEqualTo(allowAny);
        assertThat(way(mesh(false).index(), destination)).isEqualTo(registryOnly);
        assertThat(way(
                        XdsDialect.istio("shop")
                                .withPassthrough()
                                .index(mesh(false).snapshot()),
                        destination))
                .isEqualTo(permitted);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http  | unknown    | 1234 | REGISTRY_ONLY forbids others (listener virtualOutbound leads to BlackHoleCluster: it has no endpoints, and never will); add a ServiceEntry
            https | reviews    | 8080 | REGISTRY_ONLY forbids others (listener 0.0.0.0_8080 leads to BlackHoleCluster
            https | other.com  | 5432 | REGISTRY_ONLY forbids others (listener 0.0.0.0_5432 leads to outbound|5432||pg.example.com: that is another host's)
            http  | db.shop    | 3306 | for the control plane this port is TCP (listener 10.1.2.4_3306 leads to outbound|3306||db.shop.svc.cluster.local), and TCP is not meshed here; name the service's port http-...
            """)
    void refusal_reason_saysWhichRuleAndWhatToDo(String scheme, String host, int port, String expected) {
        Choice choice = mesh(false).index().choose(new Destination(scheme, host, port));

        assertThat(((Choice.Refused) choice).reason()).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http  | unknown       | 1234 | virtualOutbound leads to PassthroughCluster, which is for whatever address was asked for (outboundTrafficPolicy ALLOW_ANY, or a ServiceEntry
            https | unknown       | 1234 | TLS of the application's own is not meshed
            https | a.example.com | 443  | 0.0.0.0_443 leads to outbound|443||a.example.com, but TLS of the application's own is not meshed
            http  | localhost     | 8080 | loopback
            """)
    void passthrough_reason_saysWhichRule(String scheme, String host, int port, String expected) {
        Choice choice = mesh(true).index().choose(new Destination(scheme, host, port));

        assertThat(((Choice.Passthrough) choice).reason()).contains(expected);
    }

    @Test
    void passthrough_clusterOfAnotherName_isKnownByItsDiscovery() {
        mesh(true);
        clusters.remove(PASSTHROUGH);
        service("goes-anywhere", new Discovery.OriginalDestination());
        listeners.put(
                "virtualOutbound",
                listener("virtualOutbound", "0.0.0.0", 15001, null, null, true, fallback("goes-anywhere")));

        assertThat(way(index(), new Destination("http", "unknown", 1234))).isEqualTo("straight");

        service("goes-anywhere", new Discovery.Eds("goes-anywhere"));
        assertThat(way(index(), new Destination("http", "unknown", 1234))).isEqualTo("refused");
    }

    @Test
    void headlessService_withTlsOfTheMesh_isNotReachedInTheClear() {
        mesh(true);
        String name = "outbound|3306||db.shop.svc.cluster.local";
        Cluster headless = Cluster.of(name, new Discovery.OriginalDestination());
        clusters.put(name, new ClusterState.Ready(headless, Assignment.empty(name)));
        assertThat(way(index(), new Destination("http", "db.shop", 3306))).isEqualTo("straight");

        TransportSocket.Match mutual =
                new TransportSocket.Match("tlsMode-istio", Map.of("tlsMode", "istio"), new TransportSocket.Plaintext());
        Cluster secured = headless.with(new TransportSocket.Plaintext(), List.of(mutual));
        clusters.put(name, new ClusterState.Ready(secured, Assignment.empty(name)));
        assertThat(way(index(), new Destination("http", "db.shop", 3306))).isEqualTo("refused");
        assertThat(way(index(), new Destination("https", "db.shop", 3306))).isEqualTo("straight");
    }

    @Test
    void clusterThatIsMissing_orCannotBeUsed_leadsNowhere() {
        mesh(true);
        clusters.remove(PASSTHROUGH);
        assertThat(index().choose(new Destination("https", "unknown", 1234)))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("there is no cluster of the name PassthroughCluster"));

        clusters.put(PASSTHROUGH, new ClusterState.Failed("it is broken"));
        assertThat(index().choose(new Destination("https", "unknown", 1234)))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("it is broken"));
    }

    @Test
    void clusterOfAService_missingOrFailed_isNotLetGoByTheApplication() {
        mesh(false);
        String name = "outbound|3306||db.shop.svc.cluster.local";
        clusters.remove(name);
        for (String scheme : List.of("http", "https")) {
            assertThat(permitted(scheme, "db.shop", 3306)).isInstanceOf(Choice.Refused.class);
        }
        clusters.put(name, new ClusterState.Failed("it is broken"));
        assertThat(permitted("http", "db.shop", 3306))
                .isEqualTo(new Choice.Refused("listener 10.1.2.4_3306 leads to " + name
                        + ", which is a service's and cannot be used: it is broken"));
        // What is no service's still goes.
        assertThat(permitted("http", "unknown", 1234)).isInstanceOf(Choice.Passthrough.class);
    }

    private Choice permitted(String scheme, String host, int port) {
        return XdsDialect.istio("shop").withPassthrough().index(snapshot()).choose(new Destination(scheme, host, port));
    }

    @Test
    void wildcardNames_ofTableAndClusters_areSuffixes() {
        mesh(true);
        names.put("*.orders.example.com", List.of("10.1.2.3"));
        names.put("*.ranged.example.com", List.of("10.7.1.1"));
        String wild = "outbound|5433||*.pg.example.com";
        service(wild, new Discovery.Eds(wild));
        listeners.put(
                "0.0.0.0_5433",
                listener(
                        "0.0.0.0_5433",
                        "0.0.0.0",
                        5433,
                        null,
                        null,
                        false,
                        new TcpChain(FilterChainMatch.ANY, false, List.of(wild))));

        assertThat(way(index(), new Destination("http", "a.orders.example.com", 9090)))
                .isEqualTo("10.1.2.3_9090");
        assertThat(way(index(), new Destination("http", "a.ranged.example.com", 7000)))
                .isEqualTo("refused");
        // The service's own TLS goes to its hosts where REGISTRY_ONLY keeps it from others.
        mesh(false);
        assertThat(way(index(), new Destination("https", "a.pg.example.com", 5433)))
                .isEqualTo("straight");
        assertThat(way(index(), new Destination("https", "pg.example.org", 5433)))
                .isEqualTo("refused");
    }

    /** Where nothing is redirected all listeners are bound to loopback, whatever addresses the services have. */
    @Test
    void listenerOfLoopback_ofANameWithAddress_takesIt() {
        mesh(true);
        names.put("egress.example.com", List.of("10.1.9.9"));

        assertThat(way(index(), new Destination("http", "egress.example.com", 6000)))
                .isEqualTo("127.0.0.1_6000");
    }

    @Test
    void ipv4_mappedIntoIpv6_findsItsListener() {
        mesh(true);
        listeners.put("mapped", listener("mapped", "::ffff:10.1.2.9", 9090, "r", null, false));

        assertThat(way(index(), new Destination("http", "::ffff:10.1.2.3", 9090)))
                .isEqualTo("10.1.2.3_9090");
        assertThat(way(index(), new Destination("http", "::ffff:a01:204", 3306)))
                .isEqualTo("refused");
        assertThat(way(index(), new Destination("http", "10.1.2.9", 9090))).isEqualTo("mapped");
    }

    /** A service of both families has one listener, at an address of each; one for all addresses is there for both too. */
    @Test
    void listenerWithAdditionalAddresses_isFoundAtEach() {
        mesh(true);
        Listener orders = Objects.requireNonNull(listeners.get("10.1.2.3_9090"));
        listeners.put(orders.name(), with(orders, new AdditionalAddress("fd00::9", 9090)));
        Listener every = Objects.requireNonNull(listeners.get("0.0.0.0_8080"));
        listeners.put(every.name(), with(every, new AdditionalAddress("::", 8080)));
        names.put("both.example.com", List.of("fd00::9", "10.1.9.9"));
        Directory directory = index();

        for (String host : List.of("10.1.2.3", "fd00::9", "fd00:0::9", "both.example.com", "orders")) {
            assertThat(way(directory, new Destination("http", host, 9090)))
                    .as(host)
                    .isEqualTo("10.1.2.3_9090");
        }
        assertThat(way(directory, new Destination("http", "fd00::8", 9090))).isEqualTo("straight");
        assertThat(way(directory, new Destination("http", "fd00::8", 8080))).isEqualTo("0.0.0.0_8080");
    }

    @Test
    void serverAtAnAdditionalAddress_takesTheListener() {
        mesh(true);
        inbound.put(
                "both",
                new InboundListener(
                        "both",
                        "10.0.0.5",
                        8080,
                        false,
                        PortSet.NONE,
                        PortSet.NONE,
                        InboundListener.Inspection.DEFAULT,
                        List.of(),
                        null,
                        null,
                        List.of(new AdditionalAddress("fd00::5", 8081))));

        for (BoundAddress served : List.of(new BoundAddress("10.0.0.5", 8080), new BoundAddress("fd00:0::5", 8081))) {
            assertThat(XdsDialect.istio("shop").bind(snapshot(), served))
                    .isInstanceOfSatisfying(
                            Binding.Served.class,
                            binding -> assertThat(binding.listener().name()).isEqualTo("both"));
        }
        assertThat(XdsDialect.istio("shop").bind(snapshot(), new BoundAddress("fd00::6", 8081)))
                .isInstanceOf(Binding.Refused.class);
    }

    private static Listener with(Listener listener, AdditionalAddress... more) {
        return new Listener(
                listener.name(),
                listener.address(),
                listener.port(),
                listener.http(),
                listener.httpMatch(),
                listener.tcp(),
                listener.originalDestination(),
                listener.inspectsTls(),
                listener.inspectsHttp(),
                listener.egress(),
                listener.unusable(),
                List.of(more));
    }

    /** Where DNS has led a name that the mesh does not know: what a sidecar would see. */
    @ParameterizedTest
    @CsvSource({
        "http, alias.example, 9090, 10.1.2.3, 10.1.2.3_9090",
        "http, alias.example, 9090, ::ffff:10.1.2.3, 10.1.2.3_9090",
        "http, alias.example, 9090, 10.1.2.9, nothing",
        "http, alias.example, 1234, 10.1.2.3, nothing",
        "https, alias.example, 9090, 10.1.2.3, nothing",
        // TCP for the control plane, which its sidecar would protect.
        "http, alias.example, 3306, 10.1.2.4, refused",
        "https, alias.example, 3306, 10.1.2.4, nothing",
        // A listener for all addresses with a chain for some of them.
        "http, alias.example, 7000, 10.7.1.1, refused",
        "http, alias.example, 7000, 10.6.1.1, nothing",
        "http, alias.example, 8080, 10.1.2.3, nothing",
        "https, a.example.com, 443, 10.8.1.1, nothing",
        "https, x.wild.org, 443, 10.8.1.1, nothing",
        "http, my-machine, 6000, 127.0.0.1, 127.0.0.1_6000",
        "http, my-machine, 7000, 127.0.0.1, nothing",
    })
    void at_addressOfAName_isWhatTheMeshHasThere(
            String scheme, String host, int port, String address, String expected) {
        for (boolean allowAny : List.of(true, false)) {
            assertThat(there(mesh(allowAny).index(), scheme, host, port, address))
                    .as("ALLOW_ANY %s", allowAny)
                    .isEqualTo(expected);
        }
    }

    private static String there(Directory directory, String scheme, String host, int port, String address) {
        Choice there =
                directory.at(new Destination(scheme, host, port), Objects.requireNonNull(IpAddress.parse(address)));
        return there == null
                ? "nothing"
                : there instanceof Choice.Meshed meshed ? meshed.listener().name() : "refused";
    }

    /** Unusable is not "wherever it was asked for": an aggregate's children have the TLS that it has not. */
    @Test
    void clusterThatCannotBeUsed_ofOriginalDestinationsOrAService_doesNotGoStraight() {
        mesh(true);
        for (String cluster : List.of(PASSTHROUGH, "outbound|3306||db.shop.svc.cluster.local")) {
            Cluster aggregate = Cluster.of(cluster, new Discovery.OriginalDestination());
            Cluster unusable = new Cluster(
                    cluster,
                    aggregate.discovery(),
                    aggregate.balancing(),
                    aggregate.connectTimeout(),
                    aggregate.defaultThresholds(),
                    aggregate.highThresholds(),
                    aggregate.http(),
                    aggregate.bufferLimit(),
                    aggregate.metadata(),
                    "cluster_type: \"envoy.clusters.aggregate\" is not supported");
            clusters.put(cluster, new ClusterState.Ready(unusable, Assignment.empty(cluster)));
        }
        for (String scheme : List.of("http", "https")) {
            for (Destination to :
                    List.of(new Destination(scheme, "unknown", 1234), new Destination(scheme, "db.shop", 3306))) {
                assertThat(index().choose(to))
                        .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                                .contains("cannot be used: cluster_type: \"envoy.clusters.aggregate\""));
                assertThat(permitted(scheme, to.host(), to.port()))
                        .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.unknown())
                                .isFalse());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http, unknown, 1234, true",
        "https, other.com, 5432, true",
        "http, db.shop, 3306, false",
        "http, unknown, 15001, true",
        "http, 10.7.1.1, 7000, false",
    })
    void refused_unknown_isWhatNoServiceHas(String scheme, String host, int port, boolean unknown) {
        assertThat(mesh(false).index().choose(new Destination(scheme, host, port)))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.unknown())
                        .isEqualTo(unknown));
    }

    /** Any tenant can export a ServiceEntry of such a host. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "db.shop.svc.evil",
                "db.shop.svc.cluster.local.evil",
                "a.db.shop.svc.cluster.local",
                "db.shop.svc."
            })
    void hostOfAnotherDomain_hasNoShortNames(String host) {
        assertThat(ClusterHost.names("outbound|3306||" + host, "shop", "cluster.local"))
                .containsExactly(host);
    }

    @Test
    void hostOfTheOwnDomain_hasShortNames() {
        assertThat(ClusterHost.names("outbound|3306||db.shop.svc.corp.example", "shop", "corp.example"))
                .containsExactly("db.shop.svc.corp.example", "db.shop", "db.shop.svc", "db");
        assertThat(ClusterHost.names("outbound|3306||db.shop.svc.corp.example", "other", "corp.example"))
                .containsExactly("db.shop.svc.corp.example", "db.shop", "db.shop.svc");
    }

    @Test
    void nameAlone_withoutNamespaceOfTheWorkload_isNotGuessed() {
        Destination orders = new Destination("http", "orders", 9090);

        assertThat(way(XdsDialect.istio().index(mesh(true).snapshot()), orders)).isEqualTo("straight");
        assertThat(way(XdsDialect.istio("other").index(mesh(true).snapshot()), orders))
                .isEqualTo("straight");
    }

    @Test
    void nameTable_givesAddresses_decidesBeforeDomains() {
        mesh(true);
        names.put("orders.other.svc.cluster.local", List.of("10.1.2.3"));
        names.put("orders", List.of("10.1.9.9"));
        names.put("db", List.of("fd00::7", "10.1.2.4"));
        names.put("in-range.example.com", List.of("10.7.1.1"));
        Directory directory = index();

        assertThat(way(directory, new Destination("http", "orders.other.svc.cluster.local", 9090)))
                .isEqualTo("10.1.2.3_9090");
        assertThat(way(directory, new Destination("http", "orders.other.svc.cluster.local.", 9090)))
                .isEqualTo("10.1.2.3_9090");
        // The name means another service here, whatever a virtual host elsewhere says.
        assertThat(way(directory, new Destination("http", "orders", 9090))).isEqualTo("straight");
        assertThat(way(directory, new Destination("http", "db", 3306))).isEqualTo("refused");
        // Its address decides which filter chain takes it.
        assertThat(way(directory, new Destination("http", "in-range.example.com", 7000)))
                .isEqualTo("refused");
    }

    @Test
    void listenerOfLoopback_besideOneForAllAddresses_isForThoseOnlyWhoGoThere() {
        mesh(true);
        listeners.put("127.0.0.1_8080", listener("127.0.0.1_8080", "127.0.0.1", 8080, "6000", null, false));

        assertThat(way(index(), new Destination("http", "egress.example.com", 8080)))
                .isEqualTo("0.0.0.0_8080");
        assertThat(way(index(), new Destination("http", "127.0.0.1", 8080))).isEqualTo("127.0.0.1_8080");
        assertThat(way(index(), new Destination("http", "localhost", 8080))).isEqualTo("127.0.0.1_8080");
    }

    @Test
    void listenersOfServers_takeNoRequest() {
        mesh(true);
        Listener virtualInbound = new Listener("virtualInbound", "0.0.0.0", 15006, null, "traffic_direction: INBOUND");
        Listener ingress = new Listener("ingress", "0.0.0.0", 8080, null, "traffic_direction: INBOUND");
        listeners.put("virtualInbound", virtualInbound);
        listeners.put("ingress", ingress);
        inbound.put("virtualInbound", inbound("virtualInbound", "0.0.0.0", 15006, true));
        inbound.put("ingress", inbound("ingress", "0.0.0.0", 8080, false));
        listeners.remove("0.0.0.0_8080");

        assertThat(way(index(), new Destination("http", "unknown", 15006))).isEqualTo("straight");
        assertThat(way(index(), new Destination("http", "reviews", 8080))).isEqualTo("straight");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 8080, virtualInbound",
        "10.0.0.5, 8080, virtualInbound",
        "127.0.0.1, 9080, ingress",
        "0.0.0.0, 9080, ingress",
        "10.0.0.5, 9080, virtualInbound",
        "0.0.0.0, 9999, virtualInbound",
        "::, 8080, virtualInbound",
    })
    void server_port_takesItsOwnListenerOrVirtualInbound(String host, int port, String expected) {
        inbound.put("virtualInbound", inbound("virtualInbound", "0.0.0.0", 15006, true));
        inbound.put("ingress", inbound("ingress", "127.0.0.1", 9080, false));

        assertThat(XdsDialect.istio().bind(snapshot(), new BoundAddress(host, port)))
                .isInstanceOfSatisfying(
                        Binding.Served.class,
                        served -> assertThat(served.listener().name()).isEqualTo(expected));
    }

    @Test
    void listenerThatCannotBeUsed_refuses_doesNotLetGo() {
        mesh(true);
        HttpConnectionManager http = new HttpConnectionManager("s", "8080", List.of(), null, null);
        listeners.put("0.0.0.0_8080", new Listener("0.0.0.0_8080", "0.0.0.0", 8080, http, "a filter may refuse"));
        listeners.put(
                "0.0.0.0_7000",
                new Listener(
                        "0.0.0.0_7000",
                        "0.0.0.0",
                        7000,
                        null,
                        null,
                        List.of(new TcpChain(SNIFFED, false, List.of()), fallback(PASSTHROUGH)),
                        false,
                        true,
                        true,
                        List.of(),
                        "scoped_routes: not supported"));

        assertThat(index().choose(new Destination("http", "x", 8080)))
                .isEqualTo(new Choice.Refused("listener 0.0.0.0_8080 cannot be used: a filter may refuse"));
        assertThat(index().choose(new Destination("http", "x", 7000)))
                .isEqualTo(new Choice.Refused("listener 0.0.0.0_7000 cannot be used: scoped_routes: not supported"));
        assertThat(way(index(), new Destination("https", "x", 7000))).isEqualTo("straight");
    }

    @Test
    void noListenerForTheRest_refusedUnlessAllowed() {
        listeners.put("0.0.0.0_80", listener("0.0.0.0_80", "0.0.0.0", 80, "80", null, false));

        assertThat(index().choose(new Destination("http", "x", 81)))
                .isInstanceOfSatisfying(
                        Choice.Refused.class,
                        refused -> assertThat(refused.reason()).contains("[80]").contains("virtualOutbound"));
        assertThat(way(XdsDialect.istio().withPassthrough().index(snapshot()), new Destination("http", "x", 81)))
                .isEqualTo("straight");
    }

    @Test
    void listenerWithoutInspectors_knowsNoServerName_asEnvoy() {
        mesh(false);
        Listener inspected = Objects.requireNonNull(listeners.get("0.0.0.0_443"));
        listeners.put(
                "0.0.0.0_443",
                new Listener(
                        inspected.name(),
                        inspected.address(),
                        443,
                        null,
                        null,
                        inspected.tcp(),
                        false,
                        false,
                        false,
                        List.of(),
                        inspected.unusable()));

        assertThat(way(index(), new Destination("https", "a.example.com", 443))).isEqualTo("refused");
    }

    @Test
    void ipv6_literalInAnyForm_findsItsListener() {
        listeners.put("v6", listener("v6", "fd00:0:0::5", 9090, "r", null, false));
        listeners.put("every6", listener("every6", "::", 8080, "r", null, false));
        listeners.put("every4", listener("every4", "0.0.0.0", 8080, "r", null, false));

        assertThat(way(index(), new Destination("http", "FD00::0005".toLowerCase(java.util.Locale.ROOT), 9090)))
                .isEqualTo("v6");
        assertThat(way(index(), new Destination("http", "fd00::6", 8080))).isEqualTo("every6");
        assertThat(way(index(), new Destination("http", "10.0.0.1", 8080))).isEqualTo("every4");
        assertThat(way(index(), new Destination("http", "name", 8080))).isEqualTo("every4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://reviews:8080", "http://orders:9090", "http://db.shop:3306", "https://unknown:8080"})
    void choose_again_sameObject(String destination) {
        Directory directory = mesh(true).index();
        Destination to = Destination.of(
                destination.substring(0, destination.indexOf(':')),
                destination.substring(destination.lastIndexOf('/') + 1));

        assertThat(directory.choose(to)).isSameAs(directory.choose(to));
    }

    private static String way(Directory directory, Destination destination) {
        Choice choice = directory.choose(destination);
        return choice instanceof Choice.Meshed meshed
                ? meshed.listener().name()
                : choice instanceof Choice.Passthrough
                        ? "straight"
                        : choice instanceof Choice.Refused ? "refused" : choice.toString();
    }

    private IstioDialectTest mesh(boolean allowAny) {
        String rest = allowAny ? PASSTHROUGH : BLACK_HOLE;
        service(PASSTHROUGH, new Discovery.OriginalDestination());
        service(BLACK_HOLE, new Discovery.Static());
        for (String each : List.of(
                "outbound|9090||orders.shop.svc.cluster.local",
                "outbound|3306||db.shop.svc.cluster.local",
                "outbound|5432||pg.example.com",
                "outbound|443||a.example.com",
                "outbound|443||*.wild.org",
                "outbound|443||cidr.example.com",
                "outbound|7000||cidr.example.com")) {
            service(each, new Discovery.Eds(each));
        }
        List.of(
                        listener("0.0.0.0_8080", "0.0.0.0", 8080, "8080", SNIFFED, false, fallback(rest)),
                        listener(
                                "10.1.2.3_9090",
                                "10.1.2.3",
                                9090,
                                "orders.shop.svc.cluster.local:9090",
                                SNIFFED,
                                false,
                                fallback("outbound|9090||orders.shop.svc.cluster.local")),
                        listener(
                                "10.1.2.4_3306",
                                "10.1.2.4",
                                3306,
                                null,
                                null,
                                false,
                                new TcpChain(
                                        FilterChainMatch.ANY,
                                        false,
                                        List.of("outbound|3306||db.shop.svc.cluster.local"))),
                        listener(
                                "0.0.0.0_443",
                                "0.0.0.0",
                                443,
                                null,
                                null,
                                false,
                                names("outbound|443||a.example.com", "a.example.com"),
                                names("outbound|443||*.wild.org", "*.wild.org"),
                                names(BLACK_HOLE, "blocked.example.com"),
                                range("outbound|443||cidr.example.com", "10.9.0.0", 16),
                                fallback(rest)),
                        listener(
                                "0.0.0.0_7000",
                                "0.0.0.0",
                                7000,
                                "7000",
                                SNIFFED,
                                false,
                                range("outbound|7000||cidr.example.com", "10.7.0.0", 16),
                                fallback(rest)),
                        listener(
                                "0.0.0.0_5432",
                                "0.0.0.0",
                                5432,
                                null,
                                null,
                                false,
                                new TcpChain(FilterChainMatch.ANY, false, List.of("outbound|5432||pg.example.com"))),
                        listener("127.0.0.1_6000", "127.0.0.1", 6000, "6000", FilterChainMatch.ANY, false),
                        listener(
                                "virtualOutbound",
                                "0.0.0.0",
                                15001,
                                null,
                                null,
                                true,
                                new TcpChain(port(15001), false, List.of(BLACK_HOLE)),
                                new TcpChain(FilterChainMatch.ANY, false, List.of(rest))))
                .forEach(each -> listeners.put(each.name(), each));
        // istiod gives a listener of a service's own address one virtual host for everything.
        tables.put(
                "orders.shop.svc.cluster.local:9090",
                RouteTable.of(
                        "orders.shop.svc.cluster.local:9090",
                        VirtualHost.of("orders.shop.svc.cluster.local:9090", List.of("*"))));
        tables.put(
                "6000",
                RouteTable.of(
                        "6000",
                        VirtualHost.of("one", List.of("Egress.example.com:6000", "*.tenants.example.com")),
                        VirtualHost.of("allow_any", List.of("*"))));
        return this;
    }

    private Directory index() {
        return XdsDialect.istio("shop").index(snapshot());
    }

    private MeshSnapshot snapshot() {
        return new MeshSnapshot(1, listeners, inbound, tables, clusters, Map.of(), names, Map.of());
    }

    private void service(String name, Discovery discovery) {
        clusters.put(name, new ClusterState.Ready(Cluster.of(name, discovery), Assignment.empty(name)));
    }

    private static TcpChain fallback(String cluster) {
        return new TcpChain(FilterChainMatch.ANY, true, List.of(cluster));
    }

    private static TcpChain names(String cluster, String... serverNames) {
        return new TcpChain(match(0, List.of(), List.of(serverNames)), false, List.of(cluster));
    }

    private static TcpChain range(String cluster, String address, int bits) {
        return new TcpChain(
                match(0, List.of(Objects.requireNonNull(CidrRange.of(address, bits))), List.of()),
                false,
                List.of(cluster));
    }

    private static FilterChainMatch port(int port) {
        return match(port, List.of(), List.of());
    }

    private static FilterChainMatch match(int port, List<CidrRange> ranges, List<String> serverNames) {
        return new FilterChainMatch(
                port, ranges, serverNames, "", List.of(), List.of(), SourceType.ANY, List.of(), List.of());
    }

    private static Listener listener(
            String name,
            String address,
            int port,
            @Nullable String routes,
            @Nullable FilterChainMatch match,
            boolean originalDestination,
            TcpChain... tcp) {
        HttpConnectionManager http =
                routes == null ? null : new HttpConnectionManager("s", routes, List.of(), null, null);
        return new Listener(
                name,
                address,
                port,
                http,
                match,
                new ArrayList<>(List.of(tcp)),
                originalDestination,
                true,
                true,
                List.of(),
                http == null ? "TCP only" : null);
    }

    private static InboundListener inbound(String name, String address, int port, boolean originalDestination) {
        return new InboundListener(name, address, port, originalDestination, true, true, List.of(), null, null);
    }
}
