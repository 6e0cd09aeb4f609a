package io.inmesh.http.server;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of Tomcat's.
 *
 * @param upgraded what has taken it over from HTTP/1.1, or null
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is a socket that ends, and that is seen there
record TomcatSocket(
        TomcatEndpoint endpoint,
        SocketWrapperBase<?> socket,
        @Nullable InternalHttpUpgradeHandler upgraded) implements ServedSocket {
    private static final Logger LOG = LoggerFactory.getLogger(TomcatSocket.class);

    /** Pausing is what Tomcat does with HTTP/2 when the whole connector goes away. */
    @Override
    public void goAway() {
        InternalHttpUpgradeHandler http2 = upgraded;
        if (http2 != null) {
            // Waits for a peer that does not read, so not here.
            whileItRuns(() -> endpoint.getExecutor().execute(http2::pause));
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public void later(Runnable task, long delay, TimeUnit unit) {
        whileItRuns(() -> endpoint.getUtilityExecutor().schedule(task, delay, unit));
    }

    private static void whileItRuns(Runnable handOver) {
        try {
            handOver.run();
        } catch (RejectedExecutionException e) {
            LOG.debug("A connection is not drained, because its server has stopped", e);
        }
    }
}
