package io.inmesh.exchange;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request without its body: the four pseudo-headers of HTTP/2 and the header fields.
 *
 * <p>Mutable, because rewrites and header rules are what a mesh does; not thread-safe, because it belongs to one call.
 */
public final class RequestHead {
    private String method;
    private String scheme;
    private String authority;
    private String path;
    private final Headers headers;

    /**
     * A request head.
     *
     * @param method    the method, case-sensitive
     * @param scheme    {@code http} or {@code https}
     * @param authority host, and port where it is not the scheme's own, as the {@code Host} header would carry it
     * @param path      path and query, starting with a slash ({@code *} for OPTIONS)
     * @param headers   the fields, taken over and not copied; {@code host} is not one of them
     */
    public RequestHead(String method, String scheme, String authority, String path, Headers headers) {
        this.method = method;
        this.scheme = scheme;
        this.authority = authority;
        this.path = path;
        this.headers = headers;
    }

    /** {@code :method}. */
    public String method() {
        return method;
    }

    /** {@code :scheme}. */
    public String scheme() {
        return scheme;
    }

    /** {@code :authority}. */
    public String authority() {
        return authority;
    }

    /** {@code :path}: path and query. */
    public String path() {
        return path;
    }

    /** The fields, live. */
    public Headers headers() {
        return headers;
    }

    /** Sets {@code :method}. */
    public void method(String newMethod) {
        method = newMethod;
    }

    /** Sets {@code :scheme}. */
    public void scheme(String newScheme) {
        scheme = newScheme;
    }

    /** Sets {@code :authority}. */
    public void authority(String newAuthority) {
        authority = newAuthority;
    }

    /** Sets {@code :path}, path and query. */
    public void path(String newPath) {
        path = newPath;
    }

    /** A copy that shares nothing with this one. */
    public RequestHead copy() {
        return new RequestHead(method, scheme, authority, path, headers.copy());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RequestHead that
                && method.equals(that.method)
                && scheme.equals(that.scheme)
                && authority.equals(that.authority)
                && path.equals(that.path)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(method, scheme, authority, path, headers);
    }

    @Override
    public String toString() {
        return method + " " + scheme + "://" + authority + path + " " + headers;
    }
}
