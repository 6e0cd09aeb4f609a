package io.inmesh.security;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;

/**
 * What a client is answered whose tokens are not good ones.
 *
 * @param strip {@code strip_failure_response}: without a reason
 */
record JwtReplies(boolean strip) {
    private static final int MAX_PATH = 256;

    LocalReply denied(JwtStatus status, String realm) {
        int code = status == JwtStatus.JWT_AUDIENCE_NOT_ALLOWED ? 403 : 401;
        String details = details(status.text());
        if (strip) {
            return LocalReply.of(code, "", null, details);
        }
        String error = status == JwtStatus.JWT_MISSED ? "" : ", error=\"invalid_token\"";
        Headers headers = Headers.of("www-authenticate", "Bearer realm=\"" + realm + "\"" + error);
        return new LocalReply(code, status.text(), headers, null, details);
    }

    /** A route names a requirement that is not there. */
    LocalReply wrongRequirement(String name, Iterable<String> names) {
        String text = "Wrong requirement_name: " + name + ". It should be one of [" + String.join(",", names) + "]";
        return LocalReply.of(403, strip ? "" : "Failed JWT authentication: " + text, null, details(text));
    }

    /** A claim cannot be a header's value. Envoy finds that out when it writes the request. */
    static LocalReply invalidHeader(String name) {
        String text = "invalid header value for: " + name;
        return LocalReply.of(
                503, text, null, "filter_removed_required_request_headers{" + text.replace(' ', '_') + "}");
    }

    /** The URI as the client wrote it, as far as is known, and its path not longer than 256 characters. */
    static String realm(RequestHead head, String path) {
        String scheme = head.headers().get("x-forwarded-proto");
        String original = head.headers().get("x-envoy-original-path");
        String shown = original == null ? path : original;
        return (scheme == null ? head.scheme() : scheme) + "://" + head.authority()
                + shown.substring(0, Math.min(shown.length(), MAX_PATH));
    }

    private static String details(String text) {
        return "jwt_authn_access_denied{" + text.replace(' ', '_') + "}";
    }
}
