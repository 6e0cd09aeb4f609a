package io.inmesh.samples.istio;

import io.inmesh.http.server.MeshServletFilter;
import io.inmesh.security.MeshPrincipal;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The application of {@code reviews}: it answers whoever the mesh has let in, and says who that was. */
final class ReviewsHandler extends Handler.Abstract {
    static final String VERSION = "x-version";
    static final String INSTANCE = "x-instance";
    static final String CALLER = "x-caller";

    private final String name;
    private final String version;

    ReviewsHandler(String name, String version) {
        this.name = name;
        this.version = version;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Object principal = request.getAttribute(MeshServletFilter.PRINCIPAL);
        String caller = principal instanceof MeshPrincipal known ? known.getName() : "nobody";
        response.getHeaders()
                .put("content-type", "text/plain")
                .put(VERSION, version)
                .put(INSTANCE, name)
                .put(CALLER, caller);
        Content.Sink.write(
                response, true, name + " answers " + request.getHttpURI().getPath() + " to " + caller + "\n", callback);
        return true;
    }
}
