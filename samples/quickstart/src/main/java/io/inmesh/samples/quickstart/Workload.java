package io.inmesh.samples.quickstart;

import io.inmesh.Mesh;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.XdsSource;
import java.time.Duration;

/**
 * What would be a process of its own: a node with its own stream to the control plane, its own certificate and its own connections.
 *
 * @param name the id of its node
 * @param mesh what it has from the control plane
 * @param tls  the TLS of its connections
 */
record Workload(String name, Mesh mesh, MeshTls tls) implements AutoCloseable {
    /** Ten minutes unless said otherwise, which is longer than the scene. */
    private static final Duration OLD_CONNECTIONS_LIVE = Duration.ofMillis(500);

    /** Connects it to a control plane. */
    static Workload join(String name, String controlPlane) {
        Mesh mesh = Mesh.builder()
                .source(XdsSource.builder()
                        .server(controlPlane)
                        .node(name, name)
                        .build())
                .build();
        return new Workload(
                name, mesh, MeshTls.create(mesh.secrets(), TlsOptions.DEFAULT.withDrainPeriod(OLD_CONNECTIONS_LIVE)));
    }

    /** Which version of a secret is in force here; empty if none is. */
    String version(String secret) {
        for (ResourceStatus each : mesh.status().resources()) {
            String version = each.version();
            if (each.name().kind().equals(ResourceName.Kind.SECRET)
                    && each.name().name().equals(secret)
                    && version != null) {
                return version;
            }
        }
        return "";
    }

    @Override
    public void close() {
        tls.close();
        mesh.close();
    }
}
