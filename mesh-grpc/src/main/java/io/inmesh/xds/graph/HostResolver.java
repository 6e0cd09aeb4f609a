package io.inmesh.xds.graph;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Asks DNS. Never blocks its caller; completes on any thread. */
@FunctionalInterface
public interface HostResolver {

    /** Addresses of a host name; an unknown name fails the stage. */
    CompletionStage<Resolution> resolve(String host);

    /**
     * An answer.
     *
     * @param addresses in the order in which the resolver prefers them; may be empty
     * @param ttl       how long it holds, or null if the resolver does not know
     */
    record Resolution(List<InetAddress> addresses, @Nullable Duration ttl) {}
}
