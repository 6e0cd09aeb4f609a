package io.inmesh.balancing;

/**
 * Told when connections must go. Called on the configuration thread by {@link UpstreamClusters#apply}, and on the thread of a request when a host goes that
 * requests had named; so it hands over quickly and never throws.
 */
public interface UpstreamListener {

    /**
     * The cluster no longer names the host, there is no such cluster any more, or no request has named the host for a while. The host gets no new request: its idle connections are closed, and
     * each other one when its requests are over.
     */
    void hostRetired(UpstreamCluster cluster, Host host);

    /**
     * The cluster's hosts are now to be reached differently (protocol, timeouts, buffers). Connections made before are drained: no new request goes
     * to them.
     */
    void connectionsOutdated(UpstreamCluster cluster);
}
