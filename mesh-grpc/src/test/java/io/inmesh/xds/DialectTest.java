package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {
    private static final HttpConnectionManager HTTP = new HttpConnectionManager("s", "r", List.of(), null, null);

    @ParameterizedTest
    @CsvSource({
        "http, orders, 8080, all",
        "http, 10.0.0.1, 8080, vip",
        "http, 10.0.0.2, 8080, all",
        "http, orders, 9090, egress",
        "http, localhost, 9090, egress",
    })
    void envoy_destination_listenerOfItsPortAndAddress(String scheme, String host, int port, String expected) {
        Dialect.Directory directory = XdsDialect.envoy()
                .index(snapshot(
                        Map.of(),
                        listener("all", "0.0.0.0", 8080),
                        listener("vip", "10.0.0.1", 8080),
                        listener("egress", "127.0.0.1", 9090)));
        assertThat(name(directory.choose(new Destination(scheme, host, port)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8::1, six",
        "2001:db8:0::1, six",
        "::ffff:10.0.0.1, vip",
        "10.0.0.1, vip",
        "2001:db8::2, all",
    })
    void envoy_addressInAnyForm_listenerThatIsBoundThere(String host, String expected) {
        Dialect.Directory directory = XdsDialect.envoy()
                .index(snapshot(
                        Map.of(),
                        listener("all", "0.0.0.0", 8080),
                        listener("vip", "10.0.0.1", 8080),
                        listener("six", "2001:DB8:0::1", 8080)));

        assertThat(name(directory.choose(new Destination("http", host, 8080)))).isEqualTo(expected);
        IpAddress address = Objects.requireNonNull(IpAddress.parse(host));
        Choice there = directory.at(new Destination("http", "alias.example", 8080), address);
        assertThat(there == null ? "all" : name(there)).isEqualTo(expected);
        assertThat(directory.at(new Destination("http", "alias.example", 8081), address))
                .isNull();
        assertThat(directory.at(new Destination("https", "alias.example", 8080), address))
                .isNull();
    }

    @Test
    void envoy_listenerWithAdditionalAddresses_isFoundAtEach() {
        Listener both = new Listener(
                "both",
                "10.0.0.1",
                8080,
                listener("both", "10.0.0.1", 8080).http(),
                FilterChainMatch.ANY,
                List.of(),
                false,
                false,
                false,
                List.of(),
                null,
                List.of(new AdditionalAddress("fd00::1", 8080), new AdditionalAddress("fd00::1", 8081)));
        Dialect.Directory directory = XdsDialect.envoy().index(snapshot(Map.of(), both));
        for (String host : List.of("10.0.0.1", "fd00:0::1", "orders")) {
            assertThat(name(directory.choose(new Destination("http", host, 8080))))
                    .as(host)
                    .isEqualTo("both");
        }
        assertThat(name(directory.choose(new Destination("http", "fd00::1", 8081))))
                .isEqualTo("both");
    }

    @Test
    void envoy_portWithoutListener_refusedUnlessAllowed() {
        MeshSnapshot snapshot = snapshot(Map.of(), listener("all", "0.0.0.0", 8080));
        Destination unknown = new Destination("http", "orders", 81);
        assertThat(XdsDialect.envoy().index(snapshot).choose(unknown))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("[8080]"));
        assertThat(XdsDialect.envoy().withPassthrough().index(snapshot).choose(unknown))
                .isInstanceOf(Choice.Passthrough.class);
    }

    @Test
    void envoy_oneApiListener_takesWhatNoPortTakes() {
        Dialect.Directory directory = XdsDialect.envoy()
                .index(snapshot(Map.of(), listener("api", null, 0), listener("all", "0.0.0.0", 8080)));
        assertThat(name(directory.choose(new Destination("http", "x", 1)))).isEqualTo("api");
        assertThat(name(directory.choose(new Destination("http", "x", 8080)))).isEqualTo("all");
    }

    @Test
    void envoy_portSharedByAddresses_hostNameIsRefusedWithTheirNames() {
        Dialect.Directory directory = XdsDialect.envoy()
                .index(snapshot(Map.of(), listener("a", "10.0.0.1", 80), listener("b", "10.0.0.2", 80)));
        assertThat(directory.choose(new Destination("http", "x", 80)))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("[a, b]"));
        assertThat(name(directory.choose(new Destination("http", "10.0.0.2", 80))))
                .isEqualTo("b");
    }

    @Test
    void envoy_unusableListener_refusedWithItsReason() {
        Listener broken = new Listener("l", "0.0.0.0", 80, null, "it has a tcp_proxy only");
        assertThat(XdsDialect.envoy().index(snapshot(Map.of(), broken)).choose(new Destination("http", "x", 80)))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("it has a tcp_proxy only"));
    }

    @Test
    void https_inEveryDialect_goesStraight() {
        Destination secure = new Destination("https", "orders", 443);
        for (XdsDialect dialect : List.of(XdsDialect.envoy(), XdsDialect.grpc())) {
            assertThat(dialect.index(snapshot(Map.of())).choose(secure)).isInstanceOf(Choice.Passthrough.class);
        }
    }

    @Test
    void grpc_unknownName_wantedThenMeshedThenRefused() {
        Destination orders = new Destination("http", "orders", 8080);
        ResourceName name = ResourceKind.LISTENER.named("orders:8080");
        assertThat(XdsDialect.grpc().index(snapshot(Map.of())).choose(orders)).isEqualTo(new Choice.Wanted(name));
        assertThat(name(XdsDialect.grpc()
                        .index(snapshot(Map.of(), listener("orders:8080", null, 0)))
                        .choose(orders)))
                .isEqualTo("orders:8080");
        MeshSnapshot absent = snapshot(Map.of(name, "does not exist"));
        assertThat(XdsDialect.grpc().index(absent).choose(orders))
                .isEqualTo(Choice.Refused.unknown("LISTENER orders:8080: does not exist"));
        assertThat(XdsDialect.grpc().withPassthrough().index(absent).choose(orders))
                .isInstanceOf(Choice.Passthrough.class);
    }

    @Test
    void grpc_defaultPort_alsoTheNameWithoutIt() {
        Destination orders = new Destination("http", "orders", 80);
        MeshSnapshot firstAbsent = snapshot(Map.of(ResourceKind.LISTENER.named("orders:80"), "no"));
        assertThat(XdsDialect.grpc().index(firstAbsent).choose(orders))
                .isEqualTo(new Choice.Wanted(ResourceKind.LISTENER.named("orders")));
        assertThat(name(XdsDialect.grpc()
                        .index(snapshot(
                                Map.of(ResourceKind.LISTENER.named("orders:80"), "no"), listener("orders", null, 0)))
                        .choose(orders)))
                .isEqualTo("orders");
    }

    @Test
    void grpc_template_filledAndEncodedWhereItIsAnXdstpName() {
        Destination six = new Destination("http", "::1", 8080);
        assertThat(XdsDialect.grpc("mesh/%s").index(snapshot(Map.of())).choose(six))
                .isEqualTo(new Choice.Wanted(ResourceKind.LISTENER.named("mesh/[::1]:8080")));
        assertThat(XdsDialect.grpc("xdstp://a/%s")
                        .index(snapshot(Map.of()))
                        .choose(new Destination("http", "orders", 81)))
                .isEqualTo(new Choice.Wanted(ResourceKind.LISTENER.named("xdstp://a/orders:81")));
        assertThat(XdsDialect.grpc("xdstp://a/%s").index(snapshot(Map.of())).choose(six))
                .isEqualTo(new Choice.Wanted(ResourceKind.LISTENER.named("xdstp://a/%5B::1%5D:8080")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.1 | 8080 | in/10.0.0.1:8080 | 10.0.0.1 | 8080 | serves
            ::       | 8080 | in/[::]:8080     | ::       | 8080 | serves
            ::       | 8080 | in/[::]:8080     | 0:0::0   | 8080 | serves
            0.0.0.0  | 8080 | in/0.0.0.0:8080  | 0.0.0.0  | 8081 | is for 0.0.0.0:8081, not for 0.0.0.0:8080
            0.0.0.0  | 8080 | in/0.0.0.0:8080  | 10.0.0.1 | 8080 | is for 10.0.0.1:8080, not for 0.0.0.0:8080
            """)
    void grpc_server_takesTheListenerOfItsNameAndAddress(
            String host, int port, String name, String listenerHost, int listenerPort, String expected) {
        XdsDialect dialect = XdsDialect.grpc("%s", "in/%s").withPassthrough();
        BoundAddress server = new BoundAddress(host, port);
        ResourceName wanted = ResourceKind.LISTENER.named(name);
        assertThat(dialect.bind(snapshot(Map.of()), server)).isEqualTo(new Binding.Wanted(wanted));
        assertThat(dialect.bind(snapshot(Map.of(wanted, "does not exist")), server))
                .isEqualTo(new Binding.Refused("LISTENER " + name + ": does not exist"));
        InboundListener listener =
                new InboundListener(name, listenerHost, listenerPort, false, false, false, List.of(), null, null);
        MeshSnapshot snapshot =
                new MeshSnapshot(1, Map.of(), Map.of(name, listener), Map.of(), Map.of(), Map.of(), Map.of(), Map.of());
        assertThat(dialect.bind(snapshot, server))
                .isEqualTo(
                        expected.equals("serves")
                                ? new Binding.Served(listener)
                                : new Binding.Refused("LISTENER " + name + " " + expected));
    }

    @Test
    void grpc_serverWithoutATemplate_isRefused() {
        assertThat(XdsDialect.grpc().bind(snapshot(Map.of()), new BoundAddress("0.0.0.0", 8080)))
                .isInstanceOfSatisfying(Binding.Refused.class, refused -> assertThat(refused.reason())
                        .contains("server_listener_resource_name_template"));
    }

    @Test
    void choose_again_sameObject() {
        for (XdsDialect dialect : List.of(XdsDialect.envoy(), XdsDialect.grpc())) {
            Dialect.Directory directory = dialect.index(snapshot(Map.of(), listener("orders:8080", "0.0.0.0", 8080)));
            Destination orders = new Destination("http", "orders", 8080);
            assertThat(directory.choose(orders)).isSameAs(directory.choose(orders));
        }
    }

    private static String name(Choice choice) {
        return choice instanceof Choice.Meshed meshed ? meshed.listener().name() : choice.toString();
    }

    private static Listener listener(String name, @Nullable String address, int port) {
        return new Listener(name, address, port, HTTP, null);
    }

    private static MeshSnapshot snapshot(Map<ResourceName, String> absent, Listener... listeners) {
        Map<String, Listener> byName = new HashMap<>();
        for (Listener each : listeners) {
            byName.put(each.name(), each);
        }
        return new MeshSnapshot(1, byName, Map.of(), Map.of(), absent);
    }
}
