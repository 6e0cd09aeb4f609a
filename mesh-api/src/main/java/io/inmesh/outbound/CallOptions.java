package io.inmesh.outbound;

import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.snapshot.Dialect.Destination;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of one call beside its head and its body.
 *
 * @param destination where the request wants to go if that is not its scheme and authority: an application may set its own {@code Host}; else null
 * @param version     what the application allows: {@code HTTP_1}, or {@code ALPN} for whatever TLS selects; it counts for passthrough, and for clusters that
 *                    follow their caller
 */
public record CallOptions(@Nullable Destination destination, HttpVersion version) {

    /** Nothing said. */
    public static final CallOptions DEFAULT = new CallOptions(null, HttpVersion.ALPN);
}
