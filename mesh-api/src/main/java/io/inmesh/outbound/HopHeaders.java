package io.inmesh.outbound;

import io.inmesh.exchange.Headers;

/**
 * The fields that belong to one connection and not to the message: Envoy's connection manager takes them out in both directions
 * ({@code ConnectionManagerUtility::mutateRequestHeaders} and {@code mutateResponseHeaders}), and each hop makes its own.
 */
final class HopHeaders {

    private HopHeaders() {}

    static void strip(Headers headers) {
        headers.remove("connection");
        headers.remove("keep-alive");
        headers.remove("proxy-connection");
        headers.remove("transfer-encoding");
        headers.remove("upgrade");
    }
}
