package io.inmesh.xds.protocol;

/** The timers of a session. */
enum AdsTimer {
    /** The next attempt after back-off. */
    RECONNECT,
    /** The next look at whether a preferred server is back. */
    PROBE,
    /** The connection of the stream in use must be up. */
    CONNECT,
    /** The connection of the probing stream must be up. */
    PROBE_CONNECT,
    /** The first resource counts as missing, or has outlived its time to live. */
    RESOURCES
}
