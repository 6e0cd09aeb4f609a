package io.inmesh.xds.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.xds.protocol.ResourceHandler.Verdict;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {
    private final GraphHarness mesh = GraphHarness.started(GraphHarness.WILDCARDS);

    /** As kuma-cp has it for the DNS server of its own kuma-dp. */
    private static Listener table(String name, String json) {
        HttpConnectionManager http = HttpConnectionManager.newBuilder()
                .setStatPrefix(name)
                .setRouteConfig(RouteConfiguration.newBuilder()
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName(name)
                                .addDomains("*")
                                .addRoutes(Route.newBuilder()
                                        .setMatch(RouteMatch.newBuilder().setPath("/dns"))
                                        .setDirectResponse(DirectResponseAction.newBuilder()
                                                .setStatus(200)
                                                .setBody(DataSource.newBuilder().setInlineString(json))))))
                .build();
        return Listener.newBuilder()
                .setName(name)
                .setAddress(Address.newBuilder().setPipe(Pipe.newBuilder().setPath("/run/mesh.sock")))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder().setName("http").setTypedConfig(Any.pack(http))))
                .build();
    }

    private static String record(String name, String... addresses) {
        return "{\"records\":[{\"name\":\"" + name + "\",\"ips\":[\"" + String.join("\",\"", addresses)
                + "\"]}],\"ttl\":30}";
    }

    private Verdict receive(Listener... listeners) {
        mesh.receive(ResourceKind.CLUSTER);
        return mesh.receive(ResourceKind.LISTENER, listeners);
    }

    @Test
    void addresses_ofAListener_followIt() {
        receive(table("a", record("Orders.Mesh", "240.0.0.1", "::ffff:f000:1", "fd00::1")));
        assertThat(mesh.last().addresses()).isEqualTo(Map.of("orders.mesh", List.of("240.0.0.1", "fd00::1")));

        receive(table("a", record("web.mesh", "240.0.0.2")));
        assertThat(mesh.last().addresses()).isEqualTo(Map.of("web.mesh", List.of("240.0.0.2")));

        mesh.remove(ResourceKind.LISTENER, "a");
        assertThat(mesh.last().addresses()).isEmpty();
    }

    @Test
    void addresses_ofANameWithTheDotOfTheRoot_areFiledWithoutIt() {
        receive(table("a", record("Orders.Mesh.", "240.0.0.1")));
        assertThat(mesh.last().addresses()).isEqualTo(Map.of("orders.mesh", List.of("240.0.0.1")));
    }

    @Test
    void addresses_ofTwoListeners_areTheFirstOnes() {
        receive(table("a", record("orders.mesh", "240.0.0.1")), table("b", record("orders.mesh", "240.0.0.9")));
        assertThat(mesh.last().addresses()).isEqualTo(Map.of("orders.mesh", List.of("240.0.0.1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "[]",
                "{\"records\":{}}",
                "{\"records\":[{\"ips\":[\"240.0.0.2\"]}]}",
                "{\"records\":[{\"name\":\"x\",\"ips\":\"240.0.0.2\"}]}"
            })
    void addresses_thatCannotBeRead_areThoseOfBefore(String json) {
        receive(table("a", record("orders.mesh", "240.0.0.1")));

        Verdict verdict = receive(table("a", json));

        assertThat(verdict.rejected()).isEmpty();
        assertThat(verdict.unsupported().get("a"))
                .anyMatch(note -> note.contains("/dns") && note.contains("the host names are as they were before"));
        assertThat(mesh.last().addresses()).isEqualTo(Map.of("orders.mesh", List.of("240.0.0.1")));
    }

    @Test
    void addresses_withOneThatIsNone_areTheOthers() {
        Verdict verdict = receive(table("a", record("orders.mesh", "240.0.0.1", "nonsense")));
        assertThat(verdict.unsupported().get("a")).anyMatch(note -> note.contains("nonsense"));
        assertThat(mesh.last().addresses()).isEqualTo(Map.of("orders.mesh", List.of("240.0.0.1")));
    }
}
