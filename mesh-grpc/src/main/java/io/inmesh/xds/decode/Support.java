package io.inmesh.xds.decode;

/** What this data plane makes of a field. A field that is declared nowhere is shown as unsupported when it is set. */
enum Support {
    /** It has the effect that Envoy gives it. */
    SUPPORTED,
    /** It can have no effect on a call in this process: names for statistics, sockets that are never bound, and the like. Not shown. */
    NO_EFFECT,
    /** What carries it is not used: calls fail with a reason instead. */
    REFUSED
}
