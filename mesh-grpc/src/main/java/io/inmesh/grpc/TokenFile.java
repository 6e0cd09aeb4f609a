package io.inmesh.grpc;

import java.nio.file.Path;

/**
 * A token in a file that is sent with each new stream or call, read anew each time: whoever issues it exchanges it before it expires.
 *
 * @param file          holds nothing but the token and white space around it
 * @param metadataKey   under which it is sent, in lower case, such as {@code authorization}
 * @param prefix        before it, such as {@code "Bearer "}, or empty
 * @param overPlaintext whether it may leave this machine on a connection that is not protected: whoever reads it there can use it. Connections to this
 *                      machine itself carry it in any case
 */
public record TokenFile(Path file, String metadataKey, String prefix, boolean overPlaintext) {

    /** {@code authorization: Bearer TOKEN}, as istiod and most others expect it; over TLS only. */
    public static TokenFile bearer(Path file) {
        return new TokenFile(file, "authorization", "Bearer ", false);
    }

    /** {@code authorization: TOKEN}, as Kuma expects it; over TLS only. */
    public static TokenFile raw(Path file) {
        return new TokenFile(file, "authorization", "", false);
    }

    /** The same token, allowed to leave this machine on a connection that is not protected. */
    public TokenFile allowedOverPlaintext() {
        return new TokenFile(file, metadataKey, prefix, true);
    }
}
