package io.inmesh.outbound;

import io.inmesh.snapshot.Dialect.Destination;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of one call beside its head and its body.
 *
 * @param destination where the request wants to go if that is not its scheme and authority: an application may set its own {@code Host}; else null
 */
public record CallOptions(@Nullable Destination destination) {

    /** Nothing said. */
    public static final CallOptions DEFAULT = new CallOptions(null);
}
