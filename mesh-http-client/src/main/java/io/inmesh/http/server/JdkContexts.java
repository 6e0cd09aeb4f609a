package io.inmesh.http.server;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The contexts of a server by their paths, as a URI writes them. Thread-safe. */
final class JdkContexts {
    private final Map<String, JdkContext> byPath = new ConcurrentHashMap<>();
    private final HttpServer server;

    JdkContexts(HttpServer server) {
        this.server = server;
    }

    JdkContext add(String path, @Nullable HttpHandler handler) {
        JdkContext context = new JdkContext(server, path, handler);
        if (byPath.putIfAbsent(context.encoded(), context) != null) {
            throw new IllegalArgumentException("there is a context for " + path + " already");
        }
        return context;
    }

    void remove(String path) {
        if (byPath.remove(JdkContext.encoded(path)) == null) {
            throw new IllegalArgumentException("there is no context for " + path);
        }
    }

    /**
     * Who serves a path: the context with the longest path that is it, or is above it.
     *
     * @param path as in the request, without the query, and not ambiguous ({@link ServedPath})
     */
    @Nullable
    JdkContext find(String path) {
        JdkContext found = byPath.get(path);
        for (int slash = path.lastIndexOf('/'); found == null && slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
            found = byPath.get(path.substring(0, slash + 1));
            if (found == null) {
                found = byPath.get(path.substring(0, slash));
            }
        }
        return found;
    }
}
