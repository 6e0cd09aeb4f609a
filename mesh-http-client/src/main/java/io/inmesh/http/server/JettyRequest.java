package io.inmesh.http.server;

import io.inmesh.exchange.RequestHead;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** A request as the mesh made it. The mesh is told of the pieces of its body, and of their end, as the application reads them. */
final class JettyRequest extends Request.Wrapper {
    private final BlockingRequest asked;
    private final String method;
    private final HttpURI uri;
    private final HttpFields headers;
    private final boolean secure;

    /** Bytes of the body that are still to come; negative for one whose length is not known. */
    private long remaining;

    JettyRequest(Request request, BlockingRequest asked, RequestHead received, RequestHead wanted, boolean secure) {
        super(request);
        this.asked = asked;
        this.remaining = request.getLength();
        this.method = wanted.method();
        this.uri = JettyHeads.uri(request.getHttpURI(), wanted);
        this.headers = wanted.headers().equals(received.headers())
                        && wanted.authority().equals(received.authority())
                ? request.getHeaders()
                : JettyHeads.fields(wanted);
        this.secure = secure;
    }

    @Override
    public String getMethod() {
        return method;
    }

    @Override
    public HttpURI getHttpURI() {
        return uri;
    }

    @Override
    public HttpFields getHeaders() {
        return headers;
    }

    @Override
    public Content.@Nullable Chunk read() {
        Content.Chunk chunk = super.read();
        if (chunk != null && !Content.Chunk.isFailure(chunk)) {
            // Who reads as much as was announced may not ask for more.
            boolean all = remaining > 0 && chunk.remaining() >= remaining;
            remaining = remaining < 0 ? remaining : remaining - chunk.remaining();
            asked.received(all || chunk.isLast());
        }
        return chunk;
    }

    @Override
    public boolean isSecure() {
        return secure;
    }
}
