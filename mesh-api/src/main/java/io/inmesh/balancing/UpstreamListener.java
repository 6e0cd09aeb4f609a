package io.inmesh.balancing;

/**
 * Told when connections must go, by {@link UpstreamClusters#apply}. Called on the configuration thread, so it hands over quickly and never throws.
 */
public interface UpstreamListener {

    /**
     * The cluster no longer names the host, or there is no such cluster any more. The host gets no new request: its idle connections are closed, and
     * each other one when its requests are over.
     */
    void hostRetired(UpstreamCluster cluster, Host host);

    /**
     * The cluster's hosts are now to be reached differently (protocol, timeouts, buffers). Connections made before are drained: no new request goes
     * to them.
     */
    void connectionsOutdated(UpstreamCluster cluster);
}
