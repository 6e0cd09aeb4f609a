package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A mesh of 5,000 services, as many as an application that hears of everything has to bear. The last one, because istiod is slower afterwards. */
@ExtendWith(RealIstio.class)
@Order(Integer.MAX_VALUE)
class LargeMeshIT {
    private static final int SERVICES = 5000;
    private static final int HOSTS = 10;

    @Test
    void fiveThousandServices_areThereSoon_andAffordable(LocalControlPlane controlPlane) throws Exception {
        try (TestNamespace namespace = new TestNamespace(controlPlane, "large", 35)) {
            List<String> documents = new ArrayList<>();
            for (int i = 0; i < SERVICES; i += HOSTS) {
                documents.add(services(i));
            }
            namespace.service("reviews");
            namespace.start("reviews", "v1", 11);
            long start = System.nanoTime();
            controlPlane.api().in(namespace.name).applyAll(documents);
            long applied = System.nanoTime();

            long before = heap();
            long begun = System.nanoTime();
            Pod web = namespace.pod("web", 1);
            assertThat(web.get("http://reviews:9080/").statusCode()).isEqualTo(200);
            long served = System.nanoTime();
            eventually(() -> assertThat(web.mesh.snapshot().clusters()).hasSizeGreaterThan(SERVICES));
            long complete = System.nanoTime();
            long used = heap() - before;
            assertThat(web.get("http://svc-4999:9080/").statusCode()).isEqualTo(503);
            System.out.printf(
                    Locale.ROOT,
                    "%d services: applied in %.1f s; a workload has its first answer after %.1f s and all of them after %.1f s, in %d MB of heap%n",
                    SERVICES,
                    seconds(applied - start),
                    seconds(served - begun),
                    seconds(complete - begun),
                    used >> 20);
            assertThat(Duration.ofNanos(served - begun)).isLessThan(Duration.ofSeconds(30));
            assertThat(used).isLessThan(400L << 20);
        }
    }

    /** Each host of a ServiceEntry is a service, with a cluster, endpoints and a virtual host of its own. */
    private static String services(int first) {
        String hosts = IntStream.range(first, first + HOSTS)
                .mapToObj(i -> "svc-" + i + ".large.svc.cluster.local")
                .collect(Collectors.joining(", "));
        return """
                {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: svc-$FIRST}, spec: {hosts: [$HOSTS], exportTo: ["."],
                location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 9080, name: http, protocol: HTTP, targetPort: 1}], endpoints: [{address: 127.0.35.200}]}}
                """.replace("$FIRST", Integer.toString(first)).replace("$HOSTS", hosts);
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }

    /** What is in use once nothing superfluous is. */
    private static long heap() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
