package io.inmesh.xds.kuma;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Configuration from an unmodified kuma-cp, with neither kuma-dp nor Envoy beside the application: this process is the data plane proxy {@code MESH.NAME}.
 *
 * <p><b>Registration.</b> kuma-cp configures a proxy whose {@code Dataplane} it has. On Kubernetes it makes one of the pod itself; elsewhere the operator
 * or {@link KumaRest} puts it there. A throw-away workload can {@linkplain KumaSourceBuilder#register bring its own}: kuma-cp deletes that one when the
 * stream ends, and takes no other stream of its node for ten seconds (less with {@code KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY}), which are waited
 * out while the last configuration stays in force.
 *
 * <p><b>What comes.</b> Listeners and clusters as for a sidecar, incremental first; a server that does not implement that is asked for state of the world. Identity and
 * trust come as secrets on the same stream, after everything else; clusters and listeners wait for them. A new mesh settles within some ten seconds, in several
 * pushes.
 *
 * <p>Thread-safe; nothing blocks. Before {@link #start} nothing is dialled.
 */
public final class KumaSource implements ConfigurationSource {
    private final XdsSource xds;

    KumaSource(XdsSource xds) {
        this.xds = xds;
    }

    /**
     * A source with what this process's environment says to a kuma-dp, see {@link #builder()}.
     *
     * @throws IllegalStateException if a variable cannot be used, or something that is needed is not there; the message names it
     */
    public static KumaSource fromEnvironment() {
        return builder().build();
    }

    /**
     * Begins to describe a source with what this process's environment says to a kuma-dp; what is called on the builder goes before it.
     *
     * <ul>
     *   <li>{@code KUMA_CONTROL_PLANE_URL} ({@code https://localhost:5678}), {@code KUMA_CONTROL_PLANE_CA_CERT} (PEM),
     *       {@code KUMA_CONTROL_PLANE_CA_CERT_FILE}
     *   <li>{@code KUMA_DATAPLANE_MESH}, {@code KUMA_DATAPLANE_NAME}; without a name, {@code POD_NAME} and {@code POD_NAMESPACE}
     *   <li>{@code KUMA_DATAPLANE_RUNTIME_TOKEN}, {@code KUMA_DATAPLANE_RUNTIME_TOKEN_PATH}; on Kubernetes without either the pod's service account token
     *   <li>{@code KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH}, {@code KUMA_DATAPLANE_RUNTIME_RESOURCE}: a Dataplane in YAML or JSON that this process brings
     *       with it, from which mesh, name and workload are taken
     *   <li>{@code KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT}: {@code GRPC} asks for state of the world, and incrementally where that is
     *       met with silence, as by Kuma 3
     * </ul>
     *
     * @throws IllegalStateException if a variable cannot be used; the message names it
     */
    public static KumaSourceBuilder builder() {
        return builder(System::getenv);
    }

    /** As {@link #builder()}, from variables that are looked up here. */
    public static KumaSourceBuilder builder(Function<String, @Nullable String> variables) {
        return new KumaEnvironment(variables).builder();
    }

    @Override
    public XdsDialect dialect() {
        return xds.dialect();
    }

    /** The id of the node, {@code MESH.NAME}. */
    public String nodeId() {
        return node().id();
    }

    XdsNode node() {
        return xds.bootstrap().node();
    }

    List<XdsServer> servers() {
        return xds.bootstrap().servers();
    }

    @Override
    public void start(Consumer<MeshSnapshot> subscriber) {
        xds.start(subscriber);
    }

    @Override
    public Interest want(ResourceName name, String watcher) {
        return xds.want(name, watcher);
    }

    @Override
    public SourceStatus status() {
        return xds.status();
    }

    @Override
    public void close() {
        xds.close();
    }
}
