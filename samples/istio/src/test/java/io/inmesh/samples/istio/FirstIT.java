package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RealIstio.class)
class FirstIT {
    @Test
    void first(LocalControlPlane controlPlane) throws Exception {
        controlPlane.api().namespace("first");
        controlPlane.api().apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: reviews, namespace: first}
                spec:
                  hosts: [reviews.first.svc.cluster.local]
                  addresses: [240.240.0.10]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 9080, name: http, protocol: HTTP, targetPort: 19080}]
                  workloadSelector: {labels: {app: reviews}}
                ---
                apiVersion: networking.istio.io/v1
                kind: WorkloadEntry
                metadata: {name: reviews-v1-a, namespace: first}
                spec: {address: 127.0.1.2, labels: {app: reviews, version: v1}, serviceAccount: reviews}
                """);
        try (Pod web = Pod.start(controlPlane, "first", "web", "127.0.1.1");
                Pod reviews = Pod.start(controlPlane, "first", "reviews", "127.0.1.2");
                EchoServer server = new EchoServer(reviews, 19080)) {
            HttpResponse<String> response = web.get("http://reviews:9080/x");
            System.err.println(response.statusCode() + " " + response.headers().map() + response.body());
            assertThat(response.statusCode()).isEqualTo(200);
        }
    }
}
