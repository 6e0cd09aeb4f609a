package io.inmesh.xds;

import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.Set;

/**
 * The conventions of a control plane: what is asked for without being named, and which listener a request takes.
 *
 * <p>An {@code https} destination is the application's own TLS, which no listener can look into: every dialect sends it straight to its address, or refuses it
 * where the control plane's rules do.
 */
public sealed interface XdsDialect extends Dialect permits EnvoyDialect, GrpcDialect, IstioDialect, KumaDialect {

    /** The kinds that are asked for as a whole; the others are asked for by name. */
    Set<ResourceKind> wildcards();

    /**
     * The same conventions, but destinations that no listener takes go straight to their address instead of being refused, as the application has
     * decided.
     */
    XdsDialect withPassthrough();

    /**
     * As for a sidecar: all listeners and clusters are asked for; a request takes the outbound listener of its port, and there the virtual host of
     * its authority. A listener bound to the very address of the request goes before one bound to all addresses. If nothing is bound to the port,
     * the request takes the one API listener, if there is exactly one.
     *
     * <p>A server takes the inbound listener of its address and port, else that of its port on all addresses; one that is bound to all addresses takes the one
     * listener that its port has. If there is none, it takes the listener that connections are redirected to, such as Istio's {@code virtualInbound}.
     */
    static XdsDialect envoy() {
        return new EnvoyDialect(false);
    }

    /**
     * As istiod configures a sidecar: all listeners and clusters are asked for, and the mesh's table of names. A request takes the listener of its host's own address and port, if there is one (the host is an IP address,
     * or the mesh's table of names, the virtual hosts of such a listener, or the cluster of one for TCP say so), or else the one for all addresses of its port, where the virtual
     * host of its authority decides, or else {@code virtualOutbound}. Within a listener the filter chain is chosen as Envoy chooses it: one that ends in a TCP proxy sends
     * the request straight to its address if its cluster does ({@code ORIGINAL_DST}, Istio's {@code ALLOW_ANY}), and refuses it otherwise ({@code REGISTRY_ONLY}, or a service
     * whose port is TCP). An {@code https} destination takes the same way by its server name, and goes straight to its address unless that way leads nowhere. Loopback is not redirected to a
     * sidecar, and goes straight if no listener is bound there.
     *
     * <p>A server takes an inbound listener as under {@link #envoy()}, which mostly is {@code virtualInbound}.
     */
    static XdsDialect istio() {
        return istio("");
    }

    /**
     * As {@link #istio()}, where a service's name alone means the one of the workload's own namespace, as in a pod.
     *
     * @param namespace of the workload: istiod tells names alone in route tables and in its table of names, but not for listeners of a service's own address, which
     *                  are found by this where there is no table of names
     */
    static XdsDialect istio(String namespace) {
        return istio(namespace, "cluster.local");
    }

    /**
     * As {@link #istio(String)}, in a cluster whose domain is another one than {@code cluster.local}: only hosts of this domain have short names without a table of names.
     *
     * @param domain of the cluster, without a dot in front
     */
    static XdsDialect istio(String namespace, String domain) {
        return new IstioDialect(namespace, domain, false);
    }

    /**
     * As kuma-cp has it for its sidecars, from 2.14 on: all listeners and clusters are asked for; each destination of the mesh has an IP address of its own, and a
     * request takes the listener of its address and port. A host name is one of the mesh if the control plane says so ({@link MeshSnapshot#addresses}); {@code
     * localhost} is the address of the outbounds of a Dataplane without transparent proxying. No name of a resource means anything.
     *
     * <p>What the mesh does not know goes straight to its address where the mesh's passthrough or a MeshPassthrough lets it, by SNI, IP address, port or HTTP host,
     * and nowhere otherwise; {@code https} likewise. TLS of an application's own to a destination of the mesh is refused: the mesh has TLS of its own for it.
     *
     * <p>A server takes the inbound listener of its address and port, else that of its port on all addresses; one that is bound to all addresses takes the one
     * listener that its port has.
     */
    static XdsDialect kuma() {
        return new KumaDialect(false);
    }

    /**
     * As for a proxyless gRPC client: the API listener {@code host:port} is asked for when the first request wants it. Servers have no listeners, as nothing says how
     * they are named.
     */
    static XdsDialect grpc() {
        return grpc("%s");
    }

    /**
     * As {@link #grpc()}, with names made from a template.
     *
     * @param template {@code client_default_listener_resource_name_template} of gRPC's bootstrap: {@code %s} stands for {@code host:port},
     *                 percent-encoded if the template begins with {@code xdstp:}
     */
    static XdsDialect grpc(String template) {
        return new GrpcDialect(template, null, false);
    }

    /**
     * As {@link #grpc(String)}, and for servers as for those of proxyless gRPC (gRFC A36): each asks for the listener of its own address and port by name.
     *
     * @param serverTemplate {@code server_listener_resource_name_template} of gRPC's bootstrap: {@code %s} stands for the address and port that a server is bound
     *                       to, such as {@code 0.0.0.0:8080}
     */
    static XdsDialect grpc(String template, String serverTemplate) {
        return new GrpcDialect(template, serverTemplate, false);
    }
}
