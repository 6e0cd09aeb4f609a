package io.inmesh;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickTrace;
import io.inmesh.snapshot.Dialect.Destination;
import org.jspecify.annotations.Nullable;

/**
 * Which way a request takes, or took, through the mesh, and why. Immutable, and the same whether the request was sent or only asked about.
 * {@link #toString} is for an operator to read.
 *
 * @param destination where the application wanted to go
 * @param verdict     what becomes of the request
 * @param reason      why, in words
 * @param listener    the listener that it takes, or null if it takes none
 * @param routeTable  the table of routes of that listener, or null
 * @param virtualHost the virtual host that its authority chose, or null if none did
 * @param domain      the domain of the virtual host that matched, or null
 * @param route       the route's name, or its match in words where it has none; null if none matched
 * @param cluster     the cluster that the route chose, or null
 * @param host        the host that the cluster's balancer chose, with its priority and locality; null if none was
 * @param choice      how the balancer came to it, or to none; null if it was not asked
 */
public record Explanation(
        Destination destination,
        Verdict verdict,
        String reason,
        @Nullable String listener,
        @Nullable String routeTable,
        @Nullable String virtualHost,
        @Nullable String domain,
        @Nullable String route,
        @Nullable String cluster,
        @Nullable Host host,
        @Nullable PickTrace choice) {

    /** Of a request that came to no listener. */
    public static Explanation of(Destination destination, Verdict verdict, String reason) {
        return new Explanation(destination, verdict, reason, null, null, null, null, null, null, null, null);
    }

    /** What becomes of a request. */
    public enum Verdict {
        /** A host of a cluster gets it. */
        ROUTED("is routed"),
        /** The mesh answers itself: a redirect, a direct response, an error as Envoy would answer it. */
        ANSWERED("is answered by the mesh"),
        /** It goes straight to its address, outside of the mesh. */
        PASSTHROUGH("goes straight to its address"),
        /** It goes nowhere. */
        REFUSED("is refused"),
        /** Its configuration is not there yet. */
        WAITING("waits for configuration");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(240);
        text.append(destination).append(' ').append(verdict.word).append(": ").append(reason);
        append(text, "listener", listener);
        append(text, "route table", routeTable);
        append(text, "virtual host", virtualHost);
        append(text, "domain", domain);
        append(text, "route", route);
        append(text, "cluster", cluster);
        if (host != null) {
            append(text, "endpoint", host + " in " + host.locality());
        }
        if (choice != null) {
            append(text, "chosen by", choice.toString());
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String what, @Nullable String value) {
        if (value != null) {
            text.append("; ").append(what).append(' ').append(value);
        }
    }
}
