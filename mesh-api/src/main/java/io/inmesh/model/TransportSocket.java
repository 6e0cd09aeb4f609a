package io.inmesh.model;

import java.util.List;
import java.util.Map;

/** What lies between TCP and HTTP on a connection to a host: {@code transport_socket} of a cluster. */
public sealed interface TransportSocket {

    /** The secrets that it names. */
    default List<SecretName> secrets() {
        return List.of();
    }

    /** Nothing: {@code envoy.transport_sockets.raw_buffer}. */
    record Plaintext() implements TransportSocket {}

    /** TLS. */
    record Tls(UpstreamTls settings) implements TransportSocket {
        @Override
        public List<SecretName> secrets() {
            return settings.common().secrets();
        }
    }

    /** Something that this data plane cannot do: connections fail with the reason, and nothing is ever sent. */
    record Unusable(String reason) implements TransportSocket {}

    /**
     * One of {@code transport_socket_matches}: the first one whose criteria are all among an endpoint's metadata {@code envoy.transport_socket_match}, or
     * else among its locality's, counts for that endpoint.
     *
     * @param name     for the status
     * @param criteria keys with values that must be equal; empty takes every endpoint
     * @param socket   for the endpoints that match
     */
    record Match(String name, Map<String, Object> criteria, TransportSocket socket) {}
}
