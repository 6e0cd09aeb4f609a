package io.inmesh.samples.kuma;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.inmesh.xds.kuma.KumaDataplane;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The real kuma-cp does what the recorded one is taken to do. */
@EnabledIfEnvironmentVariable(named = LiveKuma.VARIABLE, matches = ".+")
class LiveWireIT extends WireCases {
    private static LiveKuma kuma;
    private static int nodes;

    @BeforeAll
    static void start() throws Exception {
        kuma = LiveKuma.start(LiveKuma.NO_TOKENS);
        kuma.mesh("default");
        kuma.dataplane(orders());
        kuma.awaitService("default", "orders");
    }

    @AfterAll
    static void stop() throws Exception {
        kuma.close();
    }

    private static KumaDataplane orders() {
        return KumaDataplane.builder("default", "orders-1", "127.0.2.2")
                .workload("orders")
                .tag("kuma.io/service", "orders")
                .http(18080, "http")
                .build();
    }

    @Override
    String address() {
        return kuma.process().server();
    }

    @Override
    String pin() {
        return kuma.pin();
    }

    @Override
    Duration refusal() {
        return Duration.ofSeconds(5);
    }

    @Override
    boolean servesStateOfTheWorld() {
        return !kuma.isKuma3();
    }

    @Override
    Node newNode() throws Exception {
        String name = "web-" + ++nodes;
        kuma.dataplane(KumaDataplane.builder("default", name, "127.0.2.9")
                .workload("web")
                .tag("kuma.io/service", "web")
                .build());
        return AdsClient.node("default." + name);
    }

    @Override
    String unknownNodeId() {
        return "default.nobody";
    }
}
