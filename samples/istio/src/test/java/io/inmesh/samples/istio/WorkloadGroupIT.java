package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Workloads as on virtual machines: registered by istiod when they connect, and given requests when they say that they are healthy. */
@ExtendWith(RealIstio.class)
class WorkloadGroupIT {
    private static TestNamespace namespace;
    private static Pod web;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        namespace = new TestNamespace(controlPlane, "machines", 37);
        namespace.service("machine");
        namespace.service("late");
        web = namespace.pod("web", 1);
    }

    @AfterAll
    static void end() {
        namespace.close();
    }

    private static int status(String service) throws Exception {
        return web.get("http://" + service + ":9080/").statusCode();
    }

    @Test
    void machine_registersItself_andIsAskedAsLongAsItIsHealthy() throws Exception {
        namespace.apply("""
                apiVersion: networking.istio.io/v1
                kind: WorkloadGroup
                metadata: {name: machine}
                spec:
                  metadata: {labels: {app: machine, version: v1}}
                  template: {serviceAccount: machine}
                """);
        namespace.settle(web);
        Pod machine = namespace.pod("machine", 11, source -> source.autoRegister("machine")
                // As istioctl writes it into a machine's mesh.yaml when the WorkloadGroup has a probe: without it
                // istiod asks nobody.
                .metadata("PROXY_CONFIG", Map.of("readinessProbe", Map.of("tcpSocket", Map.of("port", 19080)))));
        namespace.own(new EchoServer(machine, 19080));
        namespace.settle(web);
        assertThat(status("machine")).isEqualTo(503);
        machine.source.healthy();
        eventually(() -> {
            HttpResponse<String> response = web.get("http://machine:9080/");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("x-caller")).contains("spiffe://cluster.local/ns/machines/sa/web");
        });
        machine.source.unhealthy("it is being repaired");
        eventually(() -> assertThat(status("machine")).isEqualTo(503));
        machine.source.healthy();
        eventually(() -> assertThat(status("machine")).isEqualTo(200));
    }

    /** istiod may not tell it of its service any more; then the chains for ports of no service take its callers. */
    @Test
    void workload_thatIsThereBeforeItsEntry_isReached() throws Exception {
        Pod late = namespace.pod("late", 12);
        namespace.own(new EchoServer(late, 19080));
        namespace.instance("late", "v1", 12);
        eventually(() -> {
            HttpResponse<String> response = web.get("http://late:9080/");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("x-caller")).contains("spiffe://cluster.local/ns/machines/sa/web");
        });
    }
}
