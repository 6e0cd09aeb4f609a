package io.inmesh.xds.protocol;

import java.util.List;

/** Which transport each server is asked for: incremental first, state of the world if it has no other. */
final class TransportChoice {
    private final List<XdsServer> servers;
    private final XdsTransport[] current;

    TransportChoice(List<XdsServer> servers) {
        this.servers = servers;
        this.current = servers.stream().map(XdsServer::transport).toArray(XdsTransport[]::new);
    }

    XdsTransport of(int server) {
        return current[server];
    }

    /**
     * The server does not implement the transport that it was asked for.
     *
     * @return whether there is another one to try; if not, the next attempt begins with the preferred one again
     */
    boolean fallBack(int server) {
        if (current[server] == XdsTransport.INCREMENTAL) {
            current[server] = XdsTransport.STATE_OF_THE_WORLD;
            return true;
        }
        current[server] = servers.get(server).transport();
        return false;
    }
}
