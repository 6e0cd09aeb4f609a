package io.inmesh.http.server;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** A socket of Jetty's that knows what the mesh knows of it. */
final class JettyEndPoint extends SocketChannelEndPoint {
    private final ServedConnection served;

    JettyEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            ServedConnection served) {
        super(channel, selector, key, scheduler);
        this.served = served;
    }

    /** The connection of an end point, be there TLS on it or not; null if it is not the mesh's. */
    static @Nullable ServedConnection served(EndPoint endPoint) {
        EndPoint at = endPoint;
        while (at instanceof EndPoint.Wrapper wrapper) {
            at = wrapper.unwrap();
        }
        return at instanceof JettyEndPoint known ? known.served : null;
    }
}
