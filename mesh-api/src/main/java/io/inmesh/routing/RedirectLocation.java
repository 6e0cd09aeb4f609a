package io.inmesh.routing;

import io.inmesh.exchange.RequestHead;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.RouteAction.Redirect;

/** Where a redirect points to: {@code RouteEntryImplBase::newUri}. */
final class RedirectLocation {
    private RedirectLocation() {}

    /** The request with its path rewritten, which is also what response header rules see; itself if the redirect rewrites nothing in place. */
    static RequestHead rewritten(RequestHead head, PathMatcher matched, Redirect redirect, boolean leaveTraces) {
        PathRewrite rewrite = redirect.path();
        if (rewrite == null || rewrite instanceof PathRewrite.Full) {
            return head;
        }
        RequestHead copy = head.copy();
        PathRewriter.apply(copy, matched, rewrite, leaveTraces);
        return copy;
    }

    /** The URL, given the request as {@link #rewritten} left it. */
    static String of(RequestHead head, Redirect redirect) {
        String scheme =
                redirect.scheme() != null ? redirect.scheme() : redirect.httpsRedirect() ? "https" : head.scheme();
        StringBuilder location = new StringBuilder(scheme).append("://");
        location.append(redirect.host() != null ? redirect.host() : requestHost(head, scheme, redirect.port()));
        if (redirect.port() != 0) {
            location.append(':').append(redirect.port());
        }
        String full = redirect.path() instanceof PathRewrite.Full rewrite ? rewrite.path() : null;
        String path = full == null ? head.path() : PathRewriter.full(head.path(), full);
        if (!path.startsWith("/")) {
            location.append('/');
        }
        boolean ownQuery = full != null && full.indexOf('?') >= 0;
        int query = redirect.stripQuery() && !ownQuery ? path.indexOf('?') : -1;
        return location.append(path, 0, query < 0 ? path.length() : query).toString();
    }

    /** The request's authority; its port is dropped when the redirect has one, or when it is the old scheme's own and the scheme changes. */
    private static String requestHost(RequestHead head, String newScheme, int newPort) {
        String authority = head.authority();
        int colon = Addresses.portColon(authority);
        if (colon < 0) {
            return authority;
        }
        boolean ownPort = authority.endsWith(head.scheme().equals("https") ? ":443" : ":80");
        boolean drop = newPort != 0 || (!newScheme.equals(head.scheme()) && ownPort);
        return drop ? authority.substring(0, colon) : authority;
    }
}
