package io.inmesh.xds.protocol;

import io.inmesh.xds.protocol.XdsServer.Habits;
import java.util.BitSet;
import java.util.List;

/** Which transport each server is asked for: incremental first, state of the world if it has no other. */
final class TransportChoice {
    private final List<XdsServer> servers;
    private final XdsTransport[] current;
    /** Servers that have said that they have nothing incremental. */
    private final BitSet wholeOnly = new BitSet();

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
            wholeOnly.set(server);
            current[server] = XdsTransport.STATE_OF_THE_WORLD;
            return true;
        }
        current[server] = servers.get(server).transport();
        return false;
    }

    /**
     * The server takes streams of state of the world and has said nothing on one. kuma-cp 3 says nothing on any of them.
     *
     * @return whether it is to be asked incrementally instead, from now on
     */
    boolean silent(int server) {
        if (current[server] == XdsTransport.INCREMENTAL
                || wholeOnly.get(server)
                || servers.get(server).habits() != Habits.KUMA) {
            return false;
        }
        current[server] = XdsTransport.INCREMENTAL;
        return true;
    }
}
