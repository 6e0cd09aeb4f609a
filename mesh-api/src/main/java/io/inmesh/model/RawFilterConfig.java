package io.inmesh.model;

import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A filter's configuration as the control plane sent it, for factories of the application.
 *
 * @param typeUrl what it is; for {@code xds.type.v3.TypedStruct} (and {@code udpa.type.v1.TypedStruct}) the type that is named in it
 * @param bytes   the content of the {@code google.protobuf.Any}, read-only
 * @param struct  the content as nested {@code Map<String, Object>}, {@code List<Object>}, {@code String}, {@code Double} and {@code Boolean} if it
 *                is a {@code TypedStruct} or a {@code google.protobuf.Struct}; otherwise null
 */
public record RawFilterConfig(
        String typeUrl, ByteBuffer bytes, @Nullable Map<String, Object> struct) {
    /** Keeps the bytes read-only. */
    public RawFilterConfig {
        bytes = bytes.asReadOnlyBuffer();
    }

    /** A view of its own, at the beginning. */
    @Override
    public ByteBuffer bytes() {
        return bytes.duplicate();
    }
}
