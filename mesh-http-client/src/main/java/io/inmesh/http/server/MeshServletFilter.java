package io.inmesh.http.server;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.security.MeshPrincipal;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guard before the servlets of an application that relies on its mesh. It lets a request through that {@link MeshTomcatProtocol} or {@link MeshJettyConnector} took in,
 * whose policies have decided by then, and refuses every other one with status 503: a container, a connector or a port that knows nothing of the mesh has no verified peer,
 * and has mapped a path that no policy saw. Nothing in a request's headers counts.
 *
 * <p>It also gives the application the caller as {@link HttpServletRequest#getUserPrincipal}, if it is told to.
 *
 * <p>Policies are not asked here, so forwards, includes, error and asynchronous dispatches do not ask them a second time. To be mapped to {@code /*}, first; it supports
 * asynchronous requests.
 */
public final class MeshServletFilter implements Filter {
    /** The request attribute with the {@link DownstreamConnection}. */
    public static final String CONNECTION = "io.inmesh.connection";

    /** The request attribute with the {@link MeshPrincipal}, if the caller is known. */
    public static final String PRINCIPAL = "io.inmesh.principal";

    private static final Logger LOG = LoggerFactory.getLogger(MeshServletFilter.class);

    private final boolean givesPrincipal;

    /**
     * A filter.
     *
     * @param givesPrincipal whether {@link HttpServletRequest#getUserPrincipal} and {@link HttpServletRequest#getRemoteUser} are the mesh's; otherwise they stay as they
     *                       are, and the caller is in {@link #PRINCIPAL} only
     */
    public MeshServletFilter(boolean givesPrincipal) {
        this.givesPrincipal = givesPrincipal;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request.getAttribute(CONNECTION) instanceof DownstreamConnection)) {
            LOG.warn(
                    "A request on port {} did not come through a connector of the mesh and is refused with 503: use MeshTomcatProtocol or MeshJettyConnector",
                    request.getLocalPort());
            if (response instanceof HttpServletResponse http) {
                http.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, "this port is not in the mesh");
            }
            return;
        }
        boolean named = givesPrincipal
                && request instanceof HttpServletRequest
                && request.getAttribute(PRINCIPAL) instanceof MeshPrincipal;
        chain.doFilter(named ? new Named((HttpServletRequest) request) : request, response);
    }

    private static final class Named extends HttpServletRequestWrapper {
        Named(HttpServletRequest request) {
            super(request);
        }

        @Override
        public @Nullable Principal getUserPrincipal() {
            return (Principal) getAttribute(PRINCIPAL);
        }

        @Override
        public @Nullable String getRemoteUser() {
            Principal principal = getUserPrincipal();
            return principal == null ? null : principal.getName();
        }
    }
}
