package io.inmesh.xds.protocol;

/**
 * How a stream ended.
 *
 * @param unimplemented whether the server said that it does not have this transport
 * @param reason        for people
 */
record StreamEnd(boolean unimplemented, String reason) {}
