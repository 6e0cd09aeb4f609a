package io.inmesh.xds.decode;

import java.util.List;

/** What became of a resource. */
public sealed interface Decoded<T> {

    /**
     * It can be used.
     *
     * @param value       the model
     * @param unsupported fields that are set and have no effect here, by path
     */
    record Accepted<T>(T value, List<String> unsupported) implements Decoded<T> {}

    /**
     * It is malformed.
     *
     * @param reason names resource, field and what is wrong: {@code Cluster "orders": connect_timeout: must be above 0s}
     */
    record Rejected<T>(String reason) implements Decoded<T> {}
}
