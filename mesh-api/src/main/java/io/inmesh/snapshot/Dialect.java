package io.inmesh.snapshot;

import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.Listener;

/** The conventions of a kind of control plane, as far as requests are concerned: which listener a request takes. */
public interface Dialect {

    /** Its name, such as {@code envoy} or {@code grpc}. */
    String name();

    /** Prepares the choice among one snapshot's listeners. Pure; called once for each snapshot, on the configuration thread. */
    Directory index(MeshSnapshot snapshot);

    /** One snapshot's listeners, ready to choose from. Immutable. */
    interface Directory {
        /** Which listener a destination takes; called on the request path, so it scans nothing and makes what it answers beforehand where it can. */
        Choice choose(Destination destination);
    }

    /**
     * Where a request wants to go, before any rewrite.
     *
     * @param scheme    {@code http} or {@code https}
     * @param host      host name or IP address, lower case, IPv6 without brackets
     * @param port      explicit or the scheme's own
     */
    record Destination(String scheme, String host, int port) {}

    /** What a dialect answers. */
    sealed interface Choice {
        /** Through this listener. */
        record Meshed(Listener listener, HttpConnectionManager http) implements Choice {}

        /** A resource must be asked for first; the call waits, bounded. */
        record Wanted(ResourceName name) implements Choice {}

        /** Straight to the address, as the dialect's rules say in so many words. */
        record Passthrough(String reason) implements Choice {}

        /** Nowhere; the reason tells what is missing. */
        record Refused(String reason) implements Choice {}
    }
}
