package io.inmesh.snapshot;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a configuration source.
 *
 * @param source    what it is, in words: a server's address, a folder
 * @param connected whether it is in touch with its origin now
 * @param since     since when it is so
 * @param error     the last failure while it is not connected; else null
 * @param resources each resource that was asked for or arrived
 */
public record SourceStatus(
        String source,
        boolean connected,
        Instant since,
        @Nullable String error,
        List<ResourceStatus> resources) {

    /** What has become of a resource; the first five are the states of gRFC A40 and CSDS. */
    public enum State {
        /** Asked for, no answer yet. */
        REQUESTED,
        /** In force. */
        ACKED,
        /** Its newest version was refused; an older one may be in force. */
        NACKED,
        /** Does not exist, says the server or its silence. */
        MISSING,
        /** The server did not answer in time. */
        TIMEOUT
    }

    /**
     * The state of one resource.
     *
     * @param name        which
     * @param state       what has become of it
     * @param version     the version in force, or null
     * @param error       why the newest version was refused, or null
     * @param since       when the state last changed
     * @param watchers    who wants it
     * @param unsupported fields that were set and have no effect here, by path
     */
    public record ResourceStatus(
            ResourceName name,
            State state,
            @Nullable String version,
            @Nullable String error,
            Instant since,
            List<String> watchers,
            List<String> unsupported) {}
}
