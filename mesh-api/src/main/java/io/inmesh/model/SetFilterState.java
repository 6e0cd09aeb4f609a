package io.inmesh.model;

import java.util.List;

/**
 * {@code envoy.extensions.filters.network.set_filter_state.v3.Config}: puts objects into the filter state of a connection, where the requests that come on it find
 * them.
 *
 * @param onNewConnection what is put when a connection comes, in this order: nothing is known then of a handshake but the ClientHello
 * @param onHandshake     {@code on_downstream_tls_handshake}: what is put after the handshake, or when a connection comes that has none
 */
public record SetFilterState(List<Value> onNewConnection, List<Value> onHandshake) implements FilterConfig {

    /**
     * {@code FilterStateValue}. An object with the same key is replaced.
     *
     * @param key         under which it is put
     * @param type        what it becomes
     * @param format      its text
     * @param omitEmpty   {@code omit_empty_values}: what has no value leaves nothing in the text instead of a dash
     * @param skipIfEmpty whether an empty text puts nothing
     */
    public record Value(String key, ObjectType type, HeaderFormat format, boolean omitEmpty, boolean skipIfEmpty) {}

    /** {@code factory_key}: what an object is made of its text. */
    public enum ObjectType {
        /** {@code envoy.string}. */
        TEXT,
        /** {@code envoy.network.ip}: an IP address; a text that is none puts nothing. */
        IP
    }
}
