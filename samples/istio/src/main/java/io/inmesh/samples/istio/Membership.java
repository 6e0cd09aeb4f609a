package io.inmesh.samples.istio;

import io.inmesh.Mesh;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.istio.IstioSource;
import io.inmesh.xds.istio.IstioSourceBuilder;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A service's place in the mesh. In a pod everything is found where Istio's agent would find it; the scene gives each of its processes a folder that looks like a pod's
 * root, and names it by {@code POD_ROOT}.
 */
record Membership(Mesh mesh, MeshTls tls) implements AutoCloseable {

    static Membership join() throws Exception {
        IstioSourceBuilder source = IstioSource.builder();
        String root = System.getenv("POD_ROOT");
        if (root != null) {
            source.root(Path.of(root)).addresses(System.getenv("INSTANCE_IP"));
        }
        Mesh mesh = Mesh.builder().source(source.build()).build();
        MeshTls tls = MeshTls.create(mesh.secrets(), TlsOptions.DEFAULT);
        mesh.awaitReady(Duration.ofSeconds(60));
        return new Membership(mesh, tls);
    }

    @Override
    public void close() {
        tls.close();
        mesh.close();
    }
}
