package io.inmesh.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where bytes of a TLS configuration come from: {@code envoy.config.core.v3.DataSource}. */
public sealed interface DataSource {

    /**
     * A file of this machine, read off the request path and watched.
     *
     * @param path             as the control plane names it; a reader asks first whether control planes may name it
     * @param watchedDirectory the directory whose change says that the file is new ({@code watched_directory}), or null for the file's own
     */
    record File(String path, @Nullable String watchedDirectory) implements DataSource {}

    /** An environment variable of this process; a reader asks first whether control planes may name it. */
    record Environment(String name) implements DataSource {}

    /** The bytes themselves. They may be a private key, so no text ever shows them. */
    final class Inline implements DataSource {
        private final byte[] bytes;

        /** Takes a copy. */
        public Inline(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        /** The bytes of a text. */
        public static Inline of(String text) {
            return new Inline(text.getBytes(StandardCharsets.UTF_8));
        }

        /** A copy of the bytes. */
        public byte[] bytes() {
            return bytes.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Inline inline && Arrays.equals(bytes, inline.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Inline[" + bytes.length + " bytes]";
        }
    }
}
