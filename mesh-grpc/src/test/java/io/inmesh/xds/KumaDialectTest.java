package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Assignment;
import io.inmesh.model.CidrRange;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterChainMatch.SourceType;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.model.Listener.TcpChain;
import io.inmesh.model.TransportSocket;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the dialect makes of listeners made by hand; what it makes of kuma-cp's is in {@code RecordedKumaTest}. */
class KumaDialectTest {
    private static final HttpConnectionManager HTTP = new HttpConnectionManager("s", "r", List.of(), null, null);
    private static final String PASSTHROUGH = "outbound:passthrough:ipv4";

    private static final Map<String, List<String>> NAMES = Map.of(
            "orders.svc.mesh.local", List.of("241.0.0.1"),
            "web.mesh", List.of("240.0.0.2"),
            "dual.svc.mesh.local", List.of("fd00::1", "241.0.0.1"),
            "mapped.mesh", List.of("::ffff:241.0.0.1"),
            "gone.svc.mesh.local", List.of("241.0.0.9"));

    private static MeshSnapshot mesh(Listener... more) {
        List<Listener> listeners = new ArrayList<>(List.of(
                http("a", "241.0.0.1", 18_080),
                http("b", "240.0.0.2", 80),
                http("c", "127.0.0.1", 10_001),
                http("six", "fd00::6", 80),
                new Listener(
                        "kafka",
                        "241.0.0.3",
                        9_092,
                        null,
                        "no filter chain has an HTTP connection manager: not meshed"),
                new Listener("self_inbound", "127.0.0.9", 17_080, null, "INBOUND"),
                new Listener("system_dynamicconfig", "/run/mesh.sock", 0, null, "a pipe")));
        listeners.addAll(List.of(more));
        return snapshot(NAMES, List.of(PASSTHROUGH), listeners, inbound("self_inbound", "127.0.0.9", 17_080, false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://orders.svc.mesh.local:18080     | a
            http://orders.svc.mesh.local.:18080    | a
            http://localhost.:10001                | c
            http://241.0.0.1:18080                 | a
            http://[::ffff:241.0.0.1]:18080        | a
            http://mapped.mesh:18080               | a
            http://dual.svc.mesh.local:18080       | a
            http://web.mesh                        | b
            http://240.0.0.2:80                    | b
            http://localhost:10001                 | c
            http://127.0.0.1:10001                 | c
            http://[fd00::6]                       | six
            http://[fd00:0:0::6]                   | six
            """)
    void choose_destinationOfTheMesh_isTheListenerOfItsAddressAndPort(String url, String expected) {
        assertThat(choose(XdsDialect.kuma(), mesh(), url))
                .isInstanceOfSatisfying(
                        Choice.Meshed.class,
                        meshed -> assertThat(meshed.listener().name()).isEqualTo(expected));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://orders.svc.mesh.local           | orders.svc.mesh.local is in the mesh with the address 241.0.0.1, and has listeners on the ports [18080] only
            http://web.mesh:8080                   | web.mesh is in the mesh with the address 240.0.0.2, and has listeners on the ports [80] only; where there are no MeshServices, Kuma gives each service port 80, whatever port its application has
            http://241.0.0.1:9                     | 241.0.0.1 is in the mesh, and has listeners on the ports [18080] only
            http://gone.svc.mesh.local:18080       | gone.svc.mesh.local is in the mesh with the address 241.0.0.9, and has listeners on the ports [] only
            https://orders.svc.mesh.local:18080    | orders.svc.mesh.local is in the mesh, which protects what goes there with its own TLS: ask for it by http, not https
            https://localhost:10001                | localhost is in the mesh, which protects what goes there with its own TLS: ask for it by http, not https
            http://241.0.0.3:9092                  | listener kafka cannot be used: no filter chain has an HTTP connection manager: not meshed
            http://unknown.example                 | the mesh does not know unknown.example, and no listener says that something may leave the mesh: the Dataplane has no transparent proxying; add an outbound, or allow passthrough
            http://127.0.0.9:17080                 | the mesh does not know 127.0.0.9, and no listener says that something may leave the mesh: the Dataplane has no transparent proxying; add an outbound, or allow passthrough
            """)
    void choose_whatTheMeshDoesNotTake_isRefusedWithTheReason(String url, String reason) {
        Choice choice = choose(XdsDialect.kuma(), mesh(), url);
        assertThat(choice).isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                .isEqualTo(reason));
        assertThat(((Choice.Refused) choice).unknown())
                .as("what the mesh has is not for an application to let go")
                .isEqualTo(reason.startsWith("the mesh does not know"));
    }

    /** As on Kubernetes: the cluster's DNS says where a service is, and nothing of the control plane's does. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "nothing", textBlock = """
            http://orders.shop.svc.cluster.local:18080  | 241.0.0.1        | a
            http://orders:18080                         | ::ffff:241.0.0.1 | a
            http://six.example                          | fd00::6          | six
            http://my-machine:10001                     | 127.0.0.1        | c
            http://my-machine:9999                      | 127.0.0.1        | nothing
            http://elsewhere.example:18080              | 241.0.0.4        | nothing
            http://orders.shop.svc.cluster.local:9999   | 241.0.0.1        | 241.0.0.1 is in the mesh, and has listeners on the ports [18080] only
            https://orders.shop.svc.cluster.local:18080 | 241.0.0.1        | 241.0.0.1 is in the mesh, which protects what goes there with its own TLS: ask for it by http, not https
            http://kafka.shop.svc.cluster.local:9092    | 241.0.0.3        | listener kafka cannot be used: no filter chain has an HTTP connection manager: not meshed
            """)
    void at_addressOfAName_isWhatTheMeshHasThere(String url, String address, @Nullable String expected) {
        String[] parts = url.split("://", 2);
        Choice there = XdsDialect.kuma()
                .index(mesh())
                .at(Destination.of(parts[0], parts[1]), Objects.requireNonNull(IpAddress.parse(address)));
        assertThat(
                        there instanceof Choice.Meshed meshed
                                ? meshed.listener().name()
                                : there instanceof Choice.Refused refused ? refused.reason() : null)
                .isEqualTo(expected);
    }

    /** By {@code withPassthrough} goes what nobody knows, and not what the mesh would send elsewhere, or protect. */
    @Test
    void choose_whatTheMeshSendsElsewhere_isNotLetGoByTheApplication() {
        TransportSocket.Match mutual =
                new TransportSocket.Match("mtls", Map.of("kuma.io/zone", "z"), new TransportSocket.Plaintext());
        Cluster secured = Cluster.of(PASSTHROUGH, new Discovery.OriginalDestination())
                .with(new TransportSocket.Plaintext(), List.of(mutual));
        Map<String, ClusterState> clusters = Map.of(
                "secured", new ClusterState.Ready(secured, Assignment.empty(PASSTHROUGH)),
                "broken", new ClusterState.Failed("it is broken"));
        for (List<String> leadsTo : List.of(List.of("secured"), List.of("broken"), List.<String>of())) {
            TcpChain chain = new TcpChain(FilterChainMatch.ANY, false, leadsTo);
            MeshSnapshot mesh = new MeshSnapshot(1, Map.of("p", passthrough(chain)), Map.of(), clusters, Map.of());
            assertThat(choose(XdsDialect.kuma().withPassthrough(), mesh, "http://unknown.example"))
                    .as("%s", leadsTo)
                    .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.unknown())
                            .isFalse());
        }
    }

    @ParameterizedTest
    @CsvSource({"http://localhost:9999", "https://127.0.0.1", "http://[::1]:8080"})
    void choose_loopbackWithoutListener_goesStraight(String url) {
        assertThat(choose(XdsDialect.kuma(), mesh(), url)).isInstanceOf(Choice.Passthrough.class);
    }

    @Test
    void choose_unknownHost_goesOutIfTheClusterOfThePassthroughIsThere() {
        Listener passthrough = passthrough(chain(FilterChainMatch.ANY, PASSTHROUGH));
        for (String url : List.of("http://unknown.example:8080", "https://unknown.example", "http://10.0.0.1")) {
            assertThat(choose(XdsDialect.kuma(), mesh(passthrough), url)).isInstanceOf(Choice.Passthrough.class);
            MeshSnapshot off = snapshot(NAMES, List.of(), List.of(passthrough));
            assertThat(choose(XdsDialect.kuma(), off, url))
                    .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                            .contains("its passthrough is off")
                            .contains(PASSTHROUGH));
            assertThat(choose(XdsDialect.kuma().withPassthrough(), off, url)).isInstanceOf(Choice.Passthrough.class);
        }
        // The listener for IPv4 says nothing of IPv6.
        assertThat(choose(XdsDialect.kuma(), mesh(passthrough), "http://[fd00::9]"))
                .isInstanceOf(Choice.Refused.class);
    }

    /** With the dot of the root it is the same host, and has nothing to do with what may leave the mesh. */
    @Test
    void choose_nameOfTheMeshWithTheDotOfTheRoot_doesNotLeaveTheMesh() {
        MeshSnapshot open = mesh(passthrough(chain(FilterChainMatch.ANY, PASSTHROUGH)));

        assertThat(choose(XdsDialect.kuma(), open, "http://orders.svc.mesh.local.:18080"))
                .isInstanceOf(Choice.Meshed.class);
        for (String url : List.of("http://orders.svc.mesh.local.", "https://orders.svc.mesh.local.:18080")) {
            assertThat(choose(XdsDialect.kuma(), open, url)).isInstanceOf(Choice.Refused.class);
        }
    }

    /** RFC 6066 section 3: a server name has no dot at its end. */
    @Test
    void choose_serverNameWithTheDotOfTheRoot_takesItsOwnChain() {
        Listener passthrough = passthrough(
                chain(match(0, null, List.of("blocked.example.com"), "tls"), "off"),
                chain(FilterChainMatch.ANY, PASSTHROUGH));

        assertThat(choose(XdsDialect.kuma(), mesh(passthrough), "https://blocked.example.com."))
                .isInstanceOf(Choice.Refused.class);
        assertThat(choose(XdsDialect.kuma(), mesh(passthrough), "https://other.example.com."))
                .isInstanceOf(Choice.Passthrough.class);
    }

    @Test
    void choose_httpChainThatCannotBeAsked_keepsItsConnectionsFromTheOthers() {
        FilterChainMatch plain = new FilterChainMatch(
                0,
                List.of(),
                List.of(),
                "raw_buffer",
                List.of("http/1.1"),
                List.of(),
                SourceType.ANY,
                List.of(),
                List.of());
        TcpChain otherwise = new TcpChain(FilterChainMatch.ANY, true, List.of(PASSTHROUGH));
        MeshSnapshot matched = mesh(withHttp(plain, otherwise));
        MeshSnapshot byDefault = mesh(withHttp(null, chain(match(0, null, List.of(), "tls"), PASSTHROUGH)));

        for (MeshSnapshot mesh : List.of(matched, byDefault)) {
            assertThat(choose(XdsDialect.kuma(), mesh, "http://unknown.example"))
                    .isEqualTo(new Choice.Refused("listener " + PASSTHROUGH
                            + " has an HTTP filter chain for http://unknown.example:80 that cannot be asked"));
            assertThat(choose(XdsDialect.kuma(), mesh, "https://unknown.example"))
                    .isInstanceOf(Choice.Passthrough.class);
        }
    }

    private static Listener withHttp(@Nullable FilterChainMatch match, TcpChain other) {
        return new Listener(
                PASSTHROUGH, "0.0.0.0", 15_001, HTTP, match, List.of(other), true, true, true, List.of(), null);
    }

    /** A sidecar would encrypt it, or send it to another port than the one that was asked for. */
    @Test
    void choose_unknownHostOfAClusterThatChangesConnections_isRefused() {
        Cluster plain = Cluster.of(PASSTHROUGH, new Discovery.OriginalDestination());
        TransportSocket.Match mutual =
                new TransportSocket.Match("mtls", Map.of("kuma.io/zone", "z"), new TransportSocket.Plaintext());
        Cluster secured = plain.with(new TransportSocket.Plaintext(), List.of(mutual));
        Cluster moved = Cluster.of(PASSTHROUGH, new Discovery.OriginalDestination("", 8443, Duration.ofSeconds(5)));

        for (Cluster cluster : List.of(secured, moved)) {
            MeshSnapshot mesh = new MeshSnapshot(
                    1,
                    Map.of("p", passthrough(chain(FilterChainMatch.ANY, PASSTHROUGH))),
                    Map.of(),
                    Map.of(PASSTHROUGH, new ClusterState.Ready(cluster, Assignment.empty(PASSTHROUGH))),
                    Map.of());
            assertThat(choose(XdsDialect.kuma(), mesh, "http://unknown.example"))
                    .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                            .contains("or with TLS"));
        }
    }

    /** Somebody's patch: straight to the address is not where a sidecar would send it. */
    @Test
    void choose_unknownHostOfAChainToAService_isRefused() {
        MeshSnapshot patched = new MeshSnapshot(
                1,
                Map.of("p", passthrough(chain(FilterChainMatch.ANY, "proxy"))),
                Map.of(),
                Map.of(
                        "proxy",
                        new ClusterState.Ready(Cluster.of("proxy", new Discovery.Static()), Assignment.empty("proxy"))),
                Map.of());
        assertThat(choose(XdsDialect.kuma(), patched, "http://unknown.example"))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("the cluster proxy instead of its own address"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://api.example.com                | out
            https://x.example.com                  | out
            https://example.com                    | refused
            https://api.example.com:8443           | refused
            http://api.example.com:443             | refused
            http://10.1.2.3:9000                   | out
            http://10.2.2.3:9000                   | refused
            http://[::ffff:10.1.2.3]:9000          | out
            https://10.1.2.3:9000                  | refused
            http://ten.example:9000                | refused
            """)
    void choose_meshPassthroughByServerNameAndRange_isTheListOfWhatMayLeave(String url, String expected) {
        Listener passthrough = passthrough(
                chain(match(443, null, List.of("api.example.com", "*.example.com"), "tls"), PASSTHROUGH),
                chain(match(9_000, CidrRange.of("10.1.0.0", 16), List.of(), "raw_buffer"), PASSTHROUGH));
        Choice choice = choose(XdsDialect.kuma(), mesh(passthrough), url);
        assertThat(choice).isInstanceOf(expected.equals("out") ? Choice.Passthrough.class : Choice.Refused.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            127.0.1.2   | 18080 | inbound:127.0.1.2:18080
            0.0.0.0     | 18080 | inbound:127.0.1.2:18080
            127.0.0.1   | 18080 | none
            127.0.1.2   | 18081 | none
            127.0.0.1   | 9901  | none
            0.0.0.0     | 5670  | none
            """)
    void bind_server_isTheInboundOfItsAddressAndPort(String host, int port, @Nullable String expected) {
        MeshSnapshot snapshot = snapshot(
                Map.of(),
                List.of(),
                List.of(),
                inbound("inbound:127.0.1.2:18080", "127.0.1.2", 18_080, false),
                inbound("inbound:passthrough:ipv4", "0.0.0.0", 15_006, true),
                inbound("kuma:envoy:admin", "127.0.0.1", 9_901, false),
                inbound("_kuma:metrics:prometheus:default", "127.0.1.2", 5_670, false));
        Binding binding = XdsDialect.kuma().bind(snapshot, new BoundAddress(host, port));
        if (expected != null) {
            assertThat(binding).isInstanceOfSatisfying(Binding.Served.class, served -> assertThat(
                            served.listener().name())
                    .isEqualTo(expected));
        } else {
            assertThat(binding).isInstanceOfSatisfying(Binding.Refused.class, refused -> assertThat(refused.reason())
                    .contains(host + ":" + port)
                    .contains("[inbound:127.0.1.2:18080]")
                    .contains("Dataplane needs an inbound"));
        }
    }

    private static Choice choose(XdsDialect dialect, MeshSnapshot snapshot, String url) {
        String[] parts = url.split("://", 2);
        return dialect.index(snapshot).choose(Destination.of(parts[0], parts[1]));
    }

    private static Listener http(String name, String address, int port) {
        return new Listener(name, address, port, HTTP, null);
    }

    private static Listener passthrough(TcpChain... chains) {
        return new Listener(
                PASSTHROUGH, "0.0.0.0", 15_001, null, null, List.of(chains), true, true, true, List.of(), "no HTTP");
    }

    private static TcpChain chain(FilterChainMatch match, String cluster) {
        return new TcpChain(match, false, List.of(cluster));
    }

    private static FilterChainMatch match(
            int port, @Nullable CidrRange range, List<String> serverNames, String transport) {
        return new FilterChainMatch(
                port,
                range == null ? List.of() : List.of(range),
                serverNames,
                transport,
                List.of(),
                List.of(),
                SourceType.ANY,
                List.of(),
                List.of());
    }

    private static InboundListener inbound(String name, String address, int port, boolean original) {
        return new InboundListener(name, address, port, original, false, false, List.of(), null, null);
    }

    private static MeshSnapshot snapshot(
            Map<String, List<String>> names,
            List<String> clusters,
            List<Listener> listeners,
            InboundListener... inbound) {
        Map<String, Listener> byName = new HashMap<>();
        listeners.forEach(each -> byName.put(each.name(), each));
        Map<String, InboundListener> servers = new HashMap<>();
        List.of(inbound).forEach(each -> servers.put(each.name(), each));
        Map<String, ClusterState> states = new HashMap<>();
        clusters.forEach(each -> states.put(
                each,
                new ClusterState.Ready(Cluster.of(each, new Discovery.OriginalDestination()), Assignment.empty(each))));
        return new MeshSnapshot(
                1, byName, servers, Map.of(), states, Map.of(), Objects.requireNonNull(names), Map.of());
    }
}
