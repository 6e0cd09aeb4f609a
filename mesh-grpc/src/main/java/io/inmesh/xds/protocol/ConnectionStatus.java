package io.inmesh.xds.protocol;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a session is in touch with a control plane.
 *
 * @param server    the target of the server in use, or of the one tried last
 * @param connected whether it has answered on the stream that is open now
 * @param since     since when it is so
 * @param error     the last failure while it is not connected, or null if there was none yet
 */
public record ConnectionStatus(
        String server,
        boolean connected,
        Instant since,
        @Nullable String error) {}
