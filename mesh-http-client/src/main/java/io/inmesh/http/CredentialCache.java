package io.inmesh.http;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Credentials that a server has accepted, by the folder of the URI that they were sent to: they hold for what is below it (RFC 7617 2.2). Thread-safe. */
final class CredentialCache {
    private record Entry(String root, String credentials) {}

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /** The credentials for a request, or null. */
    @Nullable
    String get(HttpRequest request) {
        if (entries.isEmpty()) {
            return null;
        }
        String text = origin(request) + path(request.uri());
        for (Entry entry : entries) {
            if (text.startsWith(entry.root)) {
                return entry.credentials;
            }
        }
        return null;
    }

    void put(HttpRequest request, String credentials) {
        String path = path(request.uri());
        String root = origin(request) + path.substring(0, path.lastIndexOf('/') + 1);
        entries.removeIf(entry -> entry.root.equals(root));
        entries.add(new Entry(root, credentials));
    }

    void remove(String credentials) {
        entries.removeIf(entry -> entry.credentials.equals(credentials));
    }

    private static String origin(HttpRequest request) {
        String authority = request instanceof MeshHttpRequest meshed
                ? meshed.authority()
                : request.uri().getRawAuthority();
        return request.uri().getScheme() + "://" + authority;
    }

    private static String path(URI uri) {
        String path = uri.normalize().getRawPath();
        return path == null || path.isEmpty() ? "/" : path;
    }
}
