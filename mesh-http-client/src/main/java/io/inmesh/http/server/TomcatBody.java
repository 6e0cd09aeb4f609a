package io.inmesh.http.server;

import java.io.IOException;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.ApplicationBufferHandler;

/** The body of a request in Tomcat, whose pieces and end the mesh is told of as the application reads them. */
final class TomcatBody implements InputBuffer {
    private final BlockingRequest asked;
    private final Request request;
    private final InputBuffer body;

    TomcatBody(BlockingRequest asked, Request request, InputBuffer body) {
        this.asked = asked;
        this.request = request;
        this.body = body;
    }

    @Override
    public int doRead(ApplicationBufferHandler handler) throws IOException {
        int count = body.doRead(handler);
        if (count < 0 || request.isFinished()) {
            asked.received(true);
        } else if (count > 0) {
            asked.received(false);
        }
        return count;
    }

    @Override
    public int available() {
        return body.available();
    }
}
