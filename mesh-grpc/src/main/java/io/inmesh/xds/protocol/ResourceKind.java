package io.inmesh.xds.protocol;

import io.inmesh.snapshot.ResourceName;
import org.jspecify.annotations.Nullable;

/** The xDS resource types that this client asks for, in the order in which a stream asks for them. */
public enum ResourceKind {
    /** CDS. */
    CLUSTER("envoy.config.cluster.v3.Cluster", ResourceName.Kind.CLUSTER, true),
    /** EDS. */
    ENDPOINTS("envoy.config.endpoint.v3.ClusterLoadAssignment", ResourceName.Kind.ENDPOINTS, false),
    /** LDS. */
    LISTENER("envoy.config.listener.v3.Listener", ResourceName.Kind.LISTENER, true),
    /** RDS. */
    ROUTE_TABLE("envoy.config.route.v3.RouteConfiguration", ResourceName.Kind.ROUTE_TABLE, false),
    /** SDS. */
    SECRET("envoy.extensions.transport_sockets.tls.v3.Secret", ResourceName.Kind.SECRET, false),
    /** Istio's NDS: one resource, which has no name. */
    NAME_TABLE("istio.networking.nds.v1.NameTable", ResourceName.Kind.NAME_TABLE, false);

    /** What the one resource of a kind without names is called here. */
    static final String ONLY = "mesh";

    private static final String PREFIX = "type.googleapis.com/";

    private final String typeUrl;
    private final ResourceName.Kind modelKind;
    private final boolean fullState;

    ResourceKind(String message, ResourceName.Kind modelKind, boolean fullState) {
        this.typeUrl = PREFIX + message;
        this.modelKind = modelKind;
        this.fullState = fullState;
    }

    /** The type URL of discovery requests and responses, and of the {@code Any} of each resource. */
    public String typeUrl() {
        return typeUrl;
    }

    /**
     * Whether a state-of-the-world response holds all that is asked for, so that what it leaves out does not exist: LDS and CDS only, says the
     * xDS protocol. For the other types absence means nothing.
     */
    public boolean fullState() {
        return fullState;
    }

    /** Whether there is but one, without a name of its own. */
    boolean isNameless() {
        return this == NAME_TABLE;
    }

    /** A resource of this kind, as the status names it. */
    public ResourceName named(String name) {
        return new ResourceName(modelKind, name);
    }

    /** The kind of a type URL, or null if this client does not know it. */
    public static @Nullable ResourceKind ofTypeUrl(String typeUrl) {
        for (ResourceKind kind : values()) {
            if (kind.typeUrl.equals(typeUrl)) {
                return kind;
            }
        }
        return null;
    }

    /** The kind under its model name. */
    public static ResourceKind of(ResourceName.Kind modelKind) {
        for (ResourceKind kind : values()) {
            if (kind.modelKind == modelKind) {
                return kind;
            }
        }
        throw new IllegalArgumentException(modelKind + " is not a resource of xDS");
    }
}
