package io.inmesh.xds.protocol;

/**
 * How a stream ended.
 *
 * @param unimplemented whether the server said that it does not have this transport
 * @param nodeHeld      whether the server still holds an earlier stream of this node, and takes no other until it has let go of it
 * @param reason        for people
 */
record StreamEnd(boolean unimplemented, boolean nodeHeld, String reason) {

    /** An end of any other kind. */
    static StreamEnd because(String reason) {
        return new StreamEnd(false, false, reason);
    }
}
