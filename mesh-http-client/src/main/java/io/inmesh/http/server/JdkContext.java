package io.inmesh.http.server;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A context of a {@link MeshHttpsServer}: its filters, its authenticator and its handler, in the order of the JDK's. Thread-safe. */
final class JdkContext extends HttpContext {
    private final HttpServer server;
    private final String path;
    private final String encoded;
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private final List<Filter> filters = new CopyOnWriteArrayList<>();
    private volatile @Nullable HttpHandler handler;
    private volatile @Nullable Authenticator authenticator;

    JdkContext(HttpServer server, String path, @Nullable HttpHandler handler) {
        this.server = server;
        this.path = path;
        this.handler = handler;
        encoded = encoded(path);
        String ambiguity = ServedPath.ambiguity(encoded);
        if (ambiguity != null) {
            throw new IllegalArgumentException("the path of a context, " + path + ", " + ambiguity);
        }
    }

    /** A path as requests have it. */
    static String encoded(String path) {
        try {
            return path.startsWith("//") ? path : new URI(null, null, path, null).toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("no path of a context: " + path, e);
        }
    }

    String encoded() {
        return encoded;
    }

    /** Serves a request that the mesh let pass. */
    void serve(JdkExchange exchange) throws IOException {
        HttpHandler served = handler;
        if (served == null) {
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
            return;
        }
        new Filter.Chain(filters, filtered -> authenticate(exchange, filtered, served)).doFilter(exchange);
    }

    private void authenticate(JdkExchange exchange, HttpExchange filtered, HttpHandler served) throws IOException {
        Authenticator asked = authenticator;
        if (asked != null) {
            Authenticator.Result result = asked.authenticate(filtered);
            if (!(result instanceof Authenticator.Success success)) {
                filtered.sendResponseHeaders(status(result), -1);
                filtered.close();
                return;
            }
            exchange.principal(success.getPrincipal());
        }
        served.handle(filtered);
    }

    private static int status(Authenticator.@Nullable Result result) {
        if (result instanceof Authenticator.Retry retry) {
            return retry.getResponseCode();
        }
        return result instanceof Authenticator.Failure failure ? failure.getResponseCode() : 500;
    }

    @Override
    public @Nullable HttpHandler getHandler() {
        return handler;
    }

    @Override
    public void setHandler(HttpHandler newHandler) {
        if (handler != null) {
            throw new IllegalArgumentException("the context " + path + " has a handler already");
        }
        handler = newHandler;
    }

    @Override
    public String getPath() {
        return path;
    }

    @Override
    public HttpServer getServer() {
        return server;
    }

    @Override
    public Map<String, Object> getAttributes() {
        return attributes;
    }

    @Override
    public List<Filter> getFilters() {
        return filters;
    }

    @Override
    public @Nullable Authenticator setAuthenticator(@Nullable Authenticator newAuthenticator) {
        Authenticator before = authenticator;
        authenticator = newAuthenticator;
        return before;
    }

    @Override
    public @Nullable Authenticator getAuthenticator() {
        return authenticator;
    }
}
