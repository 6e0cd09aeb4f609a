package io.inmesh.exchange;

/** Why an attempt failed, in Envoy's distinctions: {@code StreamResetReason}. */
public enum ResetReason {
    /** No connection: refused, unreachable, TLS failed. */
    CONNECTION_FAILURE,
    /** No connection in time. */
    CONNECTION_TIMEOUT,
    /** The connection ended while the attempt was on it. */
    CONNECTION_TERMINATION,
    /** RST_STREAM by the host. */
    REMOTE_RESET,
    /** RST_STREAM with REFUSED_STREAM, or a GOAWAY below this stream: the host did not touch the request. */
    REMOTE_REFUSED_STREAM,
    /** No place in the queue for a connection. */
    OVERFLOW,
    /** What came was not HTTP, or over a limit of size. */
    PROTOCOL_ERROR,
    /** The host is known by its name, and the name has no address. Envoy knows that before it makes an attempt, so nothing is tried again. */
    RESOLUTION_FAILURE,
    /** The transport itself gave up, such as at its closing. */
    LOCAL_RESET
}
