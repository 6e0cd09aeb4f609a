package io.inmesh.samples.istio.controlplane;

import java.io.IOException;

/**
 * A second Kubernetes cluster of the mesh, which istiod reads as it reads its own: Istio's "primary-remote". It is a part of the mesh by a secret with its kubeconfig, as
 * {@code istioctl create-remote-secret} makes it.
 */
public final class RemoteCluster implements AutoCloseable {
    private static final String SECRET = """
            apiVersion: v1
            kind: Secret
            metadata: {name: istio-remote-secret-CLUSTER, namespace: istio-system, labels: {istio/multiCluster: "true"}}
            """;

    private final String id;
    private final ApiServer server;
    private final KubernetesApi primary;

    RemoteCluster(String id, ApiServer server, KubernetesApi primary) throws IOException, InterruptedException {
        this.id = id;
        this.server = server;
        this.primary = primary;
        server.awaitReady();
        server.api().namespace("istio-system");
        primary.apply(secret() + "stringData:\n  " + id + ": |\n"
                + server.kubeconfig().indent(4));
    }

    private String secret() {
        return SECRET.replace("CLUSTER", id);
    }

    /** Its name in the mesh. */
    public String id() {
        return id;
    }

    /** Its Kubernetes API, as its administrator. */
    public KubernetesApi api() {
        return server.api();
    }

    /** Takes it out of the mesh, and ends it: an istiod that starts would wait for a cluster that it cannot reach. */
    @Override
    public void close() throws IOException {
        try {
            primary.delete(secret());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            server.close();
        }
    }
}
