package io.inmesh.samples.kuma.recorded;

import org.jspecify.annotations.Nullable;

/** What kuma-cp sends to a data plane proxy, in the order in which it pushes. Secrets come last. */
public enum ResourceType {
    CLUSTER("envoy.config.cluster.v3.Cluster"),
    ENDPOINTS("envoy.config.endpoint.v3.ClusterLoadAssignment"),
    LISTENER("envoy.config.listener.v3.Listener"),
    SECRET("envoy.extensions.transport_sockets.tls.v3.Secret");

    private final String url;

    ResourceType(String message) {
        this.url = "type.googleapis.com/" + message;
    }

    String url() {
        return url;
    }

    static @Nullable ResourceType of(String url) {
        for (ResourceType type : values()) {
            if (type.url.equals(url)) {
                return type;
            }
        }
        return null;
    }
}
