package io.inmesh.samples.kuma;

import io.inmesh.Mesh;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import java.time.Duration;

/**
 * A workload that has joined the mesh.
 *
 * @param workload who it is
 * @param mesh     what it has from the control plane
 * @param tls      the TLS of its connections
 */
record Member(Workload workload, Mesh mesh, MeshTls tls) implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    static Member join(Workload workload, ControlPlane controlPlane) throws Exception {
        return join(workload, controlPlane.source(workload).build());
    }

    static Member join(Workload workload, ConfigurationSource source) {
        Mesh mesh = Mesh.builder().source(source).build();
        return new Member(workload, mesh, MeshTls.create(mesh.secrets(), TlsOptions.DEFAULT));
    }

    void awaitReady() throws Exception {
        mesh.awaitReady(PATIENCE);
    }

    @Override
    public void close() {
        tls.close();
        mesh.close();
    }
}
