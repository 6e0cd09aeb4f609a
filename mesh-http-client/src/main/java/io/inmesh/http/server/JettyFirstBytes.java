package io.inmesh.http.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/** A connection that reads until it knows which connection comes after it, and hands over what it has read. */
abstract class JettyFirstBytes extends AbstractConnection implements Connection.UpgradeFrom {
    private final Connector connector;

    /** In Jetty's flush mode. Made when there is something to read, let go when it is handed over. */
    private @Nullable ByteBuffer bytes;

    JettyFirstBytes(Connector connector, EndPoint endPoint) {
        super(endPoint, connector.getExecutor());
        this.connector = connector;
    }

    /**
     * How many bytes may be needed, no more than the next connection can take over.
     *
     * @param seen those that have come
     */
    abstract int limit(ByteBuffer seen);

    /**
     * Looks at what has come.
     *
     * @param seen may be empty
     * @param full whether no more can come
     * @return what comes next; null if more is needed
     * @throws IOException if the connection must be closed
     */
    abstract @Nullable Connection next(ByteBuffer seen, boolean full) throws IOException;

    final Connector connector() {
        return connector;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        fillInterested();
    }

    @Override
    public void onFillable() {
        ByteBuffer into = bytes == null ? BufferUtil.EMPTY_BUFFER : bytes;
        try {
            while (true) {
                if (BufferUtil.space(into) == 0) {
                    into = enlarged(into);
                    bytes = into;
                }
                int filled = getEndPoint().fill(into);
                if (filled < 0) {
                    close();
                    return;
                }
                Connection next = next(into.slice().asReadOnlyBuffer(), into.remaining() >= limit(into));
                if (next != null) {
                    getEndPoint().upgrade(next);
                    return;
                }
                if (filled == 0) {
                    fillInterested();
                    return;
                }
            }
        } catch (IOException e) {
            getEndPoint().close(e);
        }
    }

    private ByteBuffer enlarged(ByteBuffer full) {
        ByteBuffer larger = BufferUtil.allocate(limit(full));
        BufferUtil.append(larger, full);
        return larger;
    }

    @Override
    public @Nullable ByteBuffer onUpgradeFrom() {
        ByteBuffer read = bytes;
        bytes = null;
        return read;
    }
}
