package io.inmesh.exchange;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the data plane gives itself. A value, not an exception: rejections are ordinary.
 *
 * @param status  the HTTP status
 * @param body    the text, possibly empty; {@code content-type: text/plain} is added when it is not
 * @param headers further fields of the answer
 * @param flag    Envoy's response flag, if one belongs to it
 * @param details Envoy's {@code %RESPONSE_CODE_DETAILS%}, such as {@code route_not_found}
 */
public record LocalReply(
        int status, String body, Headers headers, @Nullable ResponseFlag flag, String details) {

    /** A reply without further header fields. */
    public static LocalReply of(int status, String body, @Nullable ResponseFlag flag, String details) {
        return new LocalReply(status, body, new Headers(), flag, details);
    }

    /** A new head for it, with length and type of the body as Envoy gives them. */
    public ResponseHead head() {
        Headers fields = headers.copy();
        if (!body.isEmpty()) {
            fields.set("content-length", Integer.toString(body.getBytes(StandardCharsets.UTF_8).length));
            if (!fields.contains("content-type")) {
                fields.add("content-type", "text/plain");
            }
        }
        return new ResponseHead(status, fields);
    }

    /**
     * The reply in the form that the request understands: for a gRPC request it is status 200 with {@code grpc-status} and {@code grpc-message} in
     * the head and no body, as from Envoy; for any other it is unchanged. A {@code grpc-status} among the headers is kept, otherwise it follows from the
     * status.
     */
    public LocalReply fittedTo(RequestHead request) {
        if (!isGrpc(request)) {
            return this;
        }
        Headers fields = headers.copy();
        fields.set("content-type", "application/grpc");
        if (!fields.contains("grpc-status")) {
            fields.set("grpc-status", Integer.toString(grpcStatus()));
        }
        if (!body.isEmpty()) {
            fields.set("grpc-message", percentEncoded(body));
        }
        return new LocalReply(200, "", fields, flag, details);
    }

    /** Whether a request is gRPC's by its {@code content-type}, so that {@link #fittedTo} answers it in gRPC's form. */
    public static boolean isGrpc(RequestHead request) {
        String type = request.headers().get("content-type");
        return type != null
                && type.regionMatches(true, 0, "application/grpc", 0, 16)
                && (type.length() == 16 || type.charAt(16) == '+');
    }

    /** The table of Envoy's {@code Grpc::Utility::httpToGrpcStatus}, which is that of gRPC's {@code http-grpc-status-mapping.md}. */
    private int grpcStatus() {
        return switch (status) {
            case 400 -> 13;
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 12;
            case 429, 502, 503, 504 -> 14;
            default -> 2;
        };
    }

    /** As the gRPC protocol over HTTP/2 writes {@code grpc-message}: all but printable ASCII, and the percent sign, as {@code %XX} of UTF-8. */
    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each >= ' ' && each <= '~' && each != '%') {
                encoded.append((char) each);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", each));
            }
        }
        return encoded.toString();
    }
}
