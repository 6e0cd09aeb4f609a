package io.inmesh.xds.files;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import java.nio.file.Path;

/**
 * A resource from a file.
 *
 * @param file    where it is
 * @param line    where it starts, from 1
 * @param message the resource, such as an {@code envoy.config.cluster.v3.Cluster}
 * @param any     the same in an {@code Any}
 */
public record FileResource(Path file, int line, Message message, Any any) {
    /** Its place only: the resource may be a secret. */
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
