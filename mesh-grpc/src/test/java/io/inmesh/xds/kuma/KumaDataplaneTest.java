package io.inmesh.xds.kuma;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.xds.kuma.KumaDataplane.Backend;
import io.inmesh.xds.kuma.KumaDataplane.Inbound;
import io.inmesh.xds.kuma.KumaDataplane.Outbound;
import io.inmesh.xds.kuma.KumaDataplane.State;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KumaDataplaneTest {

    @Test
    void toJson_server_asKuma214TakesIt() {
        KumaDataplane orders = KumaDataplane.builder("default", "orders-1", "127.0.0.2")
                .workload("orders")
                .label("version", "v1")
                .tag("kuma.io/service", "orders")
                .tag("version", "v1")
                .http(18080, "http")
                .build();
        assertThat(orders.toJson())
                .isEqualTo("{\"type\":\"Dataplane\",\"mesh\":\"default\",\"name\":\"orders-1\","
                        + "\"labels\":{\"kuma.io/workload\":\"orders\",\"version\":\"v1\"},"
                        + "\"networking\":{\"address\":\"127.0.0.2\",\"inbound\":[{\"port\":18080,\"name\":\"http\","
                        + "\"protocol\":\"http\",\"tags\":{\"kuma.io/service\":\"orders\",\"version\":\"v1\","
                        + "\"kuma.io/protocol\":\"http\"}}],"
                        + "\"transparentProxying\":{\"redirectPortInbound\":15006,\"redirectPortOutbound\":15001,"
                        + "\"ipFamilyMode\":\"IPv4\"}}}");
        assertThat(orders.workload()).isEqualTo("orders");
    }

    @Test
    void toJson_withoutTags_asKuma3TakesIt() {
        assertThat(KumaDataplane.builder("default", "web-1", "10.0.0.1")
                        .workload("web")
                        .build()
                        .toJson())
                .doesNotContain("tags")
                .as("without an inbound it would be under no policy")
                .contains("\"inbound\":[{\"port\":49151,\"protocol\":\"tcp\"}]");
    }

    @Test
    void build_clientWithTags_hasTheInboundThatIsNone() {
        KumaDataplane web = KumaDataplane.builder("default", "web-1", "10.0.0.1")
                .tag("kuma.io/service", "web")
                .build();
        assertThat(web.inbounds()).singleElement().satisfies(inbound -> {
            assertThat(inbound.port())
                    .as("TCPPortReserved, for which kuma-cp makes no listener")
                    .isEqualTo(49151);
            assertThat(inbound.tags()).containsEntry("kuma.io/service", "web").containsEntry("kuma.io/protocol", "tcp");
        });
    }

    @Test
    void build_inboundsOwnTags_goFirst() {
        KumaDataplane dataplane = KumaDataplane.builder("m", "n", "10.0.0.1")
                .tag("kuma.io/service", "orders")
                .inbound(new Inbound(81, "", "tcp", Map.of("kuma.io/service", "orders-admin"), State.READY))
                .build();
        assertThat(dataplane.inbounds().get(0).tags())
                .containsEntry("kuma.io/service", "orders-admin")
                .containsEntry("kuma.io/protocol", "tcp");
    }

    @Test
    void toJson_outbounds_replaceTheTransparentProxy() {
        String json = KumaDataplane.builder("default", "web-1", "127.0.0.9")
                .outbound(Outbound.to(10001, Backend.meshService("orders", 18080)))
                .outbound(Outbound.toService(10002, "legacy"))
                .build()
                .toJson();
        assertThat(json)
                .contains(
                        "\"outbound\":[{\"address\":\"127.0.0.1\",\"port\":10001,\"backendRef\":{\"kind\":\"MeshService\","
                                + "\"name\":\"orders\",\"port\":18080}},{\"address\":\"127.0.0.1\",\"port\":10002,"
                                + "\"tags\":{\"kuma.io/service\":\"legacy\"}}]")
                .doesNotContain("transparentProxying");
    }

    @Test
    void toJson_reachable_isListed() {
        String json = KumaDataplane.builder("default", "web-1", "127.0.0.9")
                .reachableService("orders")
                .reachableBackend(new Backend("MeshService", "", 0, Map.of("app", "orders")))
                .build()
                .toJson();
        assertThat(json)
                .contains("\"reachableServices\":[\"orders\"]")
                .contains(
                        "\"reachableBackends\":{\"refs\":[{\"kind\":\"MeshService\",\"labels\":{\"app\":\"orders\"}}]}");
    }

    @Test
    void in_anotherState_isSaidOfEachInbound_andReadyIsNot() {
        KumaDataplane orders = KumaDataplane.builder("m", "n", "10.0.0.1")
                .http(80, "a")
                .http(81, "b")
                .build();
        assertThat(orders.toJson()).doesNotContain("state");
        assertThat(orders.in(State.NOT_READY).toJson().split("\"state\":\"NotReady\"", -1))
                .hasSize(3);
        assertThat(orders.in(State.NOT_READY).in(State.READY)).isEqualTo(orders);
    }

    @Test
    void json_text_isEscaped() {
        assertThat(Json.of(Map.of("k\"", "a\\b\nc\u0001é"))).isEqualTo("{\"k\\\"\":\"a\\\\b\\u000ac\\u0001é\"}");
    }
}
