package io.inmesh.grpc;

import io.inmesh.model.UpstreamTls;
import java.util.List;

/** Says anew for each connection how this process shows who it is. */
public interface AccessChoice {

    /** The settings that name files of this machine; what {@link #next} gives names no others. Constant. */
    List<UpstreamTls> settings();

    /**
     * For a connection that is about to be made. Reads small files, so it is called on the thread of a session and on no other.
     *
     * @throws IllegalStateException if there is nothing to show; the message names every way that was looked at
     */
    ServerAccess next();
}
