package io.inmesh.model;

import java.util.Set;

/**
 * Header fields of which Envoy keeps a single one: another value goes behind the first, after a comma, instead of into a field of its own
 * ({@code INLINE_REQ_HEADERS}, {@code INLINE_RESP_HEADERS} and what its filters register).
 */
public final class SingleFields {
    private static final Set<String> NAMES = Set.of(
            "accept",
            "accept-encoding",
            "access-control-request-headers",
            "access-control-request-method",
            "authorization",
            "cache-control",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "etag",
            "expect",
            "grpc-accept-encoding",
            "grpc-message",
            "grpc-status",
            "grpc-timeout",
            "keep-alive",
            "last-modified",
            "location",
            "origin",
            "pragma",
            "referer",
            "server",
            "te",
            "upgrade",
            "user-agent",
            "vary",
            "via",
            "x-forwarded-client-cert",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
            "x-request-id");

    private SingleFields() {}

    /** Whether the field of this name, given in lower case, is one of them. */
    public static boolean contains(String name) {
        return NAMES.contains(name);
    }
}
