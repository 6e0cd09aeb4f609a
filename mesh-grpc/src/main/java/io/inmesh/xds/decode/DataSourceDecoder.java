package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.WatchedDirectory;
import io.inmesh.model.DataSource;
import org.jspecify.annotations.Nullable;

/** Bytes of a TLS configuration. Nothing here reads a file or a variable, and no text has any of the bytes. */
final class DataSourceDecoder {
    private DataSourceDecoder() {}

    /**
     * A source that may be missing or, as Envoy has it, empty: null then.
     *
     * @param around {@code watched_directory} of the message around, for a source without its own
     */
    static @Nullable DataSource decode(
            io.envoyproxy.envoy.config.core.v3.DataSource source, boolean set, WatchedDirectory around) {
        if (!set) {
            return null;
        }
        return switch (source.getSpecifierCase()) {
            case FILENAME -> new DataSource.File(source.getFilename(), directory(source, around));
            case ENVIRONMENT_VARIABLE -> new DataSource.Environment(source.getEnvironmentVariable());
            case INLINE_BYTES -> inline(source.getInlineBytes().toByteArray());
            case INLINE_STRING -> inline(source.getInlineStringBytes().toByteArray());
            case SPECIFIER_NOT_SET -> null;
        };
    }

    private static @Nullable DataSource inline(byte[] bytes) {
        return bytes.length == 0 ? null : new DataSource.Inline(bytes);
    }

    private static @Nullable String directory(
            io.envoyproxy.envoy.config.core.v3.DataSource source, WatchedDirectory around) {
        String own = source.getWatchedDirectory().getPath();
        String path = own.isEmpty() ? around.getPath() : own;
        return path.isEmpty() ? null : path;
    }
}
