package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.ResponseFlag;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request in HTTP/1.1 must be to get as far as the filters, and what is answered if it is not: the rules of RFC 9112, the status and the details of Envoy. Where
 * Envoy puts up with more than RFC 9112 asks for (a line that ends in LF only, a CR in a value, several {@code Host}), the request is refused: what two readers may read in
 * two ways is how requests are smuggled.
 */
final class NettyHttp1Rules {
    /** Envoy's default of {@code max_headers_count}. */
    private static final int MOST_FIELDS = 100;

    /** Those that Envoy's codec knows; others need {@code allow_custom_methods}. */
    private static final Set<String> METHODS = Set.of(
            "ACL",
            "BIND",
            "CHECKOUT",
            "CONNECT",
            "COPY",
            "DELETE",
            "GET",
            "HEAD",
            "LINK",
            "LOCK",
            "MERGE",
            "MKACTIVITY",
            "MKCALENDAR",
            "MKCOL",
            "MOVE",
            "MSEARCH",
            "NOTIFY",
            "OPTIONS",
            "PATCH",
            "POST",
            "PROPFIND",
            "PROPPATCH",
            "PURGE",
            "PUT",
            "REBIND",
            "REPORT",
            "SEARCH",
            "SOURCE",
            "SUBSCRIBE",
            "TRACE",
            "UNBIND",
            "UNLINK",
            "UNLOCK",
            "UNSUBSCRIBE");

    /** A connection has no say in fields that policies trust. */
    private static final Set<String> NEVER_NOMINATED =
            Set.of("host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto");

    private NettyHttp1Rules() {}

    /** What is answered to a request, or null if there is nothing wrong with it. */
    static @Nullable LocalReply fault(HttpRequest request) {
        DecoderResult decoded = request.decoderResult();
        if (decoded.isFailure()) {
            return decoded.cause() instanceof TooLongFrameException
                    ? tooLarge("http1.headers_too_large")
                    : decodingFault(decoded.cause());
        }
        if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            return LocalReply.of(426, "Upgrade Required", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, "low_version");
        }
        HttpHeaders headers = request.headers();
        if (headers.size() > MOST_FIELDS) {
            return tooLarge("http1.too_many_headers");
        }
        String method = request.method().name();
        if (!METHODS.contains(method)) {
            return bad("http1.codec_error");
        }
        LocalReply body = bodyFault(headers);
        if (body != null) {
            return body;
        }
        if (nominatesWhatItMustNot(headers)) {
            return bad("http1.connection_header_rejected");
        }
        return targetFault(method, request.uri(), headers);
    }

    /** What is answered to a body that cannot be read. */
    static LocalReply bodyFault() {
        return bad("http1.codec_error");
    }

    /** A head that is not whole in time. */
    static LocalReply lateHead() {
        return LocalReply.of(408, "request header timeout", null, "request_header_timeout");
    }

    /** Whether a list of {@code Connection} names an option. */
    static boolean nominates(HttpHeaders headers, String lowerCaseName) {
        if (!headers.contains(HttpHeaderNames.CONNECTION)) {
            return false;
        }
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String option : value.split(",")) {
                if (option.strip().toLowerCase(Locale.ROOT).equals(lowerCaseName)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static LocalReply decodingFault(Throwable cause) {
        return cause instanceof NettyHttp1Decoder.BothLengths
                ? bad("http1.content_length_and_chunked_not_allowed")
                : bad("http1.codec_error");
    }

    private static @Nullable LocalReply bodyFault(HttpHeaders headers) {
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (!codings.isEmpty() && !lengths.isEmpty()) {
            return bad("http1.content_length_and_chunked_not_allowed");
        }
        if (codings.size() > 1
                || (codings.size() == 1 && !codings.get(0).strip().equalsIgnoreCase("chunked"))) {
            return LocalReply.of(
                    501, "Not Implemented", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, "http1.invalid_transfer_encoding");
        }
        if (lengths.size() > 1 || (lengths.size() == 1 && !isLength(lengths.get(0)))) {
            return bad("http1.codec_error");
        }
        return null;
    }

    private static boolean isLength(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                return false;
            }
        }
        return !value.isEmpty() && value.length() <= 18;
    }

    private static boolean nominatesWhatItMustNot(HttpHeaders headers) {
        for (Map.Entry<String, String> field : headers) {
            if (field.getKey().equalsIgnoreCase("connection")) {
                for (String option : field.getValue().split(",")) {
                    String name = option.strip().toLowerCase(Locale.ROOT);
                    if (name.startsWith(":") || NEVER_NOMINATED.contains(name)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static @Nullable LocalReply targetFault(String method, String target, HttpHeaders headers) {
        if (!isVisible(target)) {
            return bad("http1.codec_error");
        }
        if (target.indexOf('#') >= 0) {
            return LocalReply.of(400, "", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, "path_normalization_failed");
        }
        if (method.equals("CONNECT")) {
            // No route of a server in the mesh leads to a tunnel.
            return target.startsWith("/")
                    ? bad("http1.codec_error")
                    : LocalReply.of(404, "", ResponseFlag.NO_ROUTE_FOUND, "route_not_found");
        }
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || (hosts.size() == 1 && !isAuthority(hosts.get(0)))) {
            return bad("http.invalid_authority");
        }
        if (target.startsWith("/")) {
            return hosts.isEmpty()
                    ? LocalReply.of(400, "", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, "missing_host_header")
                    : null;
        }
        if (target.equals("*")) {
            return method.equals("OPTIONS")
                    ? LocalReply.of(404, "", ResponseFlag.NO_ROUTE_FOUND, "absolute_path_rejected")
                    : bad("http1.invalid_url");
        }
        NettyTarget absolute = NettyTarget.parse(target);
        if (absolute == null) {
            return bad("http1.invalid_url");
        }
        return absolute.path().startsWith("/")
                ? null
                : LocalReply.of(404, "", ResponseFlag.NO_ROUTE_FOUND, "absolute_path_rejected");
    }

    /** The characters of Envoy's {@code authorityIsValid}: those of RFC 3986 section 3.2. */
    static boolean isAuthority(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && "-._~!$&'()*+,;=:@[]%".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether all of it is visible ASCII, as in a target. */
    static boolean isVisible(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static LocalReply tooLarge(String details) {
        return LocalReply.of(431, "Request Header Fields Too Large", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, details);
    }

    private static LocalReply bad(String details) {
        return LocalReply.of(400, "Bad Request", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, details);
    }
}
