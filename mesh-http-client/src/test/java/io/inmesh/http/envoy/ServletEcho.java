package io.inmesh.http.envoy;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.http.server.MeshServletFilter;
import io.inmesh.security.MeshPrincipal;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The application in a servlet container. */
final class ServletEcho extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter()
                .print(Seen.of(
                                request.getHeader("x-forwarded-client-cert"),
                                (MeshPrincipal) request.getUserPrincipal(),
                                (DownstreamConnection) request.getAttribute(MeshServletFilter.CONNECTION))
                        .text());
    }
}
