package io.inmesh.exchange;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of where a stream goes: its cluster once there is a route, so that filters see it, and the newest attempt. Header formats read it.
 *
 * <p>Not thread-safe: it belongs to one call.
 */
public final class UpstreamFacts {
    private @Nullable String cluster;
    private @Nullable String remoteAddress;
    private @Nullable String hostname;
    private @Nullable String localAddress;
    private @Nullable String protocol;
    private @Nullable String failure;
    private Map<String, Map<String, Object>> clusterMetadata = Map.of();
    private Map<String, Map<String, Object>> hostMetadata = Map.of();
    private int attempts;

    UpstreamFacts() {}

    /** The cluster's name, or null as long as none was chosen. */
    public @Nullable String cluster() {
        return cluster;
    }

    /** The cluster's metadata by filter. */
    public Map<String, Map<String, Object>> clusterMetadata() {
        return clusterMetadata;
    }

    /** Sets the cluster. */
    public void cluster(String name, Map<String, Map<String, Object>> metadata) {
        cluster = name;
        clusterMetadata = metadata;
    }

    /** Address and port of the host, or null as long as none was chosen. */
    public @Nullable String remoteAddress() {
        return remoteAddress;
    }

    /** The host's own name, or null if it has none. */
    public @Nullable String hostname() {
        return hostname;
    }

    /** The host's metadata by filter. */
    public Map<String, Map<String, Object>> hostMetadata() {
        return hostMetadata;
    }

    /** Sets the host. */
    public void host(String address, @Nullable String name, Map<String, Map<String, Object>> metadata) {
        remoteAddress = address;
        hostname = name;
        hostMetadata = metadata;
    }

    /** Address and port at this end of the connection, or null as long as there is none. */
    public @Nullable String localAddress() {
        return localAddress;
    }

    /** {@code HTTP/1.1} or {@code HTTP/2}, or null as long as there is no connection. */
    public @Nullable String protocol() {
        return protocol;
    }

    /** Sets the connection. */
    public void connection(String address, String newProtocol) {
        localAddress = address;
        protocol = newProtocol;
    }

    /** Why there was no connection, or null. */
    public @Nullable String transportFailure() {
        return failure;
    }

    /** Sets why there was no connection. */
    public void transportFailure(String reason) {
        failure = reason;
    }

    /** How many attempts have begun. */
    public int attempts() {
        return attempts;
    }

    /** The newest attempt did not begin after all: there is no address for its host. */
    public void attemptWasNone() {
        attempts--;
        remoteAddress = null;
        hostname = null;
        hostMetadata = Map.of();
    }

    /** Counts one more attempt. */
    public void attemptBegins() {
        attempts++;
    }
}
