package io.inmesh.exchange;

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
}
