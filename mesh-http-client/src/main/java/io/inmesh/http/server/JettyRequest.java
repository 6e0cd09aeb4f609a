package io.inmesh.http.server;

import io.inmesh.exchange.RequestHead;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;

/** A request as the mesh made it. */
final class JettyRequest extends Request.Wrapper {
    private final String method;
    private final HttpURI uri;
    private final HttpFields headers;
    private final boolean secure;

    JettyRequest(Request request, RequestHead received, RequestHead wanted, boolean secure) {
        super(request);
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
    public boolean isSecure() {
        return secure;
    }
}
