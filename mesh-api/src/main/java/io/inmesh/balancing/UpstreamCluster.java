package io.inmesh.balancing;

import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.resilience.CircuitBreaker;

/**
 * The living side of a cluster: its hosts, its counts, its balancer. It is the same object for as long as any snapshot names the cluster.
 *
 * <p>Thread-safe: requests read, the configuration thread writes.
 */
public final class UpstreamCluster {
    private final String name;
    private final CircuitBreaker defaultPriority = new CircuitBreaker(Thresholds.DEFAULT);
    private final CircuitBreaker highPriority = new CircuitBreaker(Thresholds.DEFAULT);
    private volatile Cluster cluster;

    UpstreamCluster(Cluster cluster) {
        this.name = cluster.name();
        this.cluster = cluster;
    }

    /** The name that routes use. */
    public String name() {
        return name;
    }

    /** The newest configuration. */
    public Cluster configuration() {
        return cluster;
    }

    /** The counts for requests of default or of high priority. */
    public CircuitBreaker circuitBreaker(boolean high) {
        return high ? highPriority : defaultPriority;
    }
}
