package io.inmesh.xds.istio;

import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import java.util.List;
import java.util.function.Consumer;

/**
 * istiod as a source of configuration: this process appears to it as a sidecar of its workload, and is sent what that sidecar would be sent.
 *
 * <p>In a pod nothing has to be said. Who the workload is, where istiod is and what it is trusted by is read where Istio's agent reads it, and a pod that was
 * never injected needs two volumes only: the ConfigMap {@code istio-ca-root-cert} at {@code /var/run/secrets/istio} and a projected service-account token with
 * the audience {@code istio-ca} at {@code /var/run/secrets/tokens/istio-token}; the token names namespace, account and pod. Outside Kubernetes an address, a
 * token file and a file of roots are enough. {@link IstioSourceBuilder} lists what can be said and where it is looked for otherwise.
 *
 * <p><b>Connection.</b> Port 15012 with TLS, incremental first. istiod is shown the token, read anew for every stream and every certificate request; once it has
 * ended or is gone, the workload's own certificate; at last a certificate that was provisioned. Port 15010 without transport security is for those who ask for it.
 *
 * <p><b>Identity.</b> {@link #secrets} has {@code default} and {@code ROOTCA}: from istiod's certificate authority, unless another identity was given or is
 * mounted. It is asked for when the source is started. Where there is none, what needs TLS waits and fails; nothing goes out in the clear for it.
 *
 * <p><b>Health.</b> On Kubernetes readiness probes decide whether a workload gets requests. A workload outside of it that istiod registers by itself
 * ({@link IstioSourceBuilder#autoRegister}), or that stands for a WorkloadEntry, says it here: {@link #healthy} and {@link #unhealthy}.
 *
 * <p>Thread-safe; nothing blocks. Before {@link #start} nothing is dialled.
 */
public final class IstioSource implements ConfigurationSource {
    private final XdsSource xds;
    private final OwnIdentity identity;
    private final SecretProvider secrets;
    private final boolean reportsHealth;

    IstioSource(XdsSource xds, OwnIdentity identity) {
        this.xds = xds;
        this.identity = identity;
        this.secrets = SecretProvider.firstOf(List.of(identity.provider(), new NamedFiles()));
        var metadata = xds.bootstrap().node().metadata();
        this.reportsHealth = metadata.containsKey("AUTO_REGISTER_GROUP") || metadata.containsKey("WORKLOAD_ENTRY");
    }

    /**
     * A source with what the process's surroundings say.
     *
     * @throws IllegalStateException if something that is needed is nowhere; the message names all of it, and every way to give it
     */
    public static IstioSource fromEnvironment() {
        return builder().build();
    }

    /** Begins to describe a source; what is not said is looked for in the process's surroundings. */
    public static IstioSourceBuilder builder() {
        return new IstioSourceBuilder();
    }

    /** Who this process is, as istiod is told. */
    public XdsNode node() {
        return xds.bootstrap().node();
    }

    /** Where istiod is and how it is spoken to, the preferred one first. */
    public List<XdsServer> servers() {
        return xds.bootstrap().servers();
    }

    @Override
    public XdsDialect dialect() {
        return xds.dialect();
    }

    /**
     * The workload's certificate and the roots that it trusts; and what DestinationRules name in files, which is read only where the application's TLS options
     * allow a control plane to name it.
     */
    @Override
    public SecretProvider secrets() {
        return secrets;
    }

    /** The filter by which this workload and its peers tell each other who they are. */
    @Override
    public List<HttpFilterFactory<?>> filters() {
        return xds.filters();
    }

    @Override
    public void start(Consumer<MeshSnapshot> subscriber) {
        xds.start(subscriber);
        identity.start();
    }

    @Override
    public Interest want(ResourceName name, String watcher) {
        return xds.want(name, watcher);
    }

    @Override
    public SourceStatus status() {
        return xds.status();
    }

    /**
     * Tells istiod that this workload can take requests, now and after each reconnection. Nothing is told where neither a WorkloadGroup nor a WorkloadEntry was
     * named, as on Kubernetes. istiod looks at it only if the node's {@code PROXY_CONFIG} has a {@code readinessProbe}, which {@code istioctl} writes into a machine's
     * {@code mesh.yaml} when its WorkloadGroup has a probe.
     */
    public void healthy() {
        if (reportsHealth) {
            xds.reportHealthy();
        }
    }

    /**
     * Tells istiod that this workload cannot take requests, as {@link #healthy} the opposite.
     *
     * @param reason shown as the message of the WorkloadEntry's condition
     */
    public void unhealthy(String reason) {
        if (reportsHealth) {
            xds.reportUnhealthy(reason);
        }
    }

    /** Ends the streams and the identity. */
    @Override
    public void close() {
        xds.close();
        identity.close();
    }
}
