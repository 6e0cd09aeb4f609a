package io.inmesh.http.server;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Connector;

/** A connection of Jetty's on which HTTP is spoken. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is a socket that ends, and that is seen there
record JettySocket(Connector connector, Connection connection) implements ServedSocket {

    @Override
    public void goAway() {
        if (connection instanceof HTTP2Connection http2) {
            http2.getSession().shutdown();
        }
    }

    @Override
    public void close() {
        connection.getEndPoint().close();
    }

    @Override
    public void later(Runnable task, long delay, TimeUnit unit) {
        connector.getScheduler().schedule(task, delay, unit);
    }
}
