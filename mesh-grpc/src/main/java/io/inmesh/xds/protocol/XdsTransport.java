package io.inmesh.xds.protocol;

/** The two variants of the xDS transport protocol; either way all types share one aggregated stream. */
public enum XdsTransport {
    /** {@code DeltaAggregatedResources}: only what has changed is sent. */
    INCREMENTAL,
    /** {@code StreamAggregatedResources}: each response holds everything of its type. */
    STATE_OF_THE_WORLD
}
