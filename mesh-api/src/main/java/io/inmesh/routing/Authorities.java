package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.RouteAction.HostRewrite;
import io.inmesh.model.TextRegion;
import org.jspecify.annotations.Nullable;

/** Changes of a request's authority: {@code Http::Utility::updateAuthority}. */
final class Authorities {
    private static final String FORWARDED_HOST = "x-forwarded-host";

    private Authorities() {}

    /** The authority after the rewrite, or null if it stays as it is. */
    static @Nullable String rewritten(RequestHead head, @Nullable HostRewrite rewrite) {
        if (rewrite instanceof HostRewrite.Literal literal) {
            return literal.host();
        }
        if (rewrite instanceof HostRewrite.FromHeader from) {
            String value = head.headers().get(from.header());
            return value == null || value.isEmpty() ? null : value;
        }
        if (rewrite instanceof HostRewrite.FromPath from) {
            return from.rewrite().apply(head.path().substring(0, TextRegion.pathEnd(head.path())));
        }
        return null;
    }

    static void replace(RequestHead head, String authority, boolean appendForwardedHost, boolean leaveTraces) {
        if (leaveTraces) {
            head.headers().set("x-envoy-original-host", head.authority());
        }
        if (appendForwardedHost && !head.authority().isEmpty()) {
            appendForwardedHost(head.headers(), head.authority());
        }
        head.authority(authority);
    }

    /** Unless it is the last one already. */
    private static void appendForwardedHost(Headers headers, String host) {
        int index = headers.indexOf(FORWARDED_HOST, 0);
        if (index < 0) {
            headers.add(FORWARDED_HOST, host);
            return;
        }
        String value = headers.value(index);
        if (!value.substring(value.lastIndexOf(',') + 1).equals(host)) {
            headers.setValue(index, value + "," + host);
        }
    }
}
