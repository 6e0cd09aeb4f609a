package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is to tell of a call when the head of its response is there. Immutable.
 *
 * @param explanation which way it took and why
 * @param flags       Envoy's response flags; empty for an ordinary answer of the upstream
 * @param details     Envoy's {@code %RESPONSE_CODE_DETAILS%}, such as {@code via_upstream}
 * @param attempts    how many attempts were sent, the first one included; 0 if the mesh answered itself before any
 * @param connection  the connection that brought the answer, or null if none did
 * @param passthrough whether the request went straight to its address, outside of the mesh
 */
public record CallFacts(
        Explanation explanation,
        Set<ResponseFlag> flags,
        String details,
        int attempts,
        @Nullable ConnectionFacts connection,
        boolean passthrough) {}
