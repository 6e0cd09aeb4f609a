package io.inmesh.snapshot;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The conventions of a kind of control plane, as far as requests are concerned: which listener a request takes. */
public interface Dialect {

    /** Its name, such as {@code envoy} or {@code grpc}. */
    String name();

    /** Prepares the choice among one snapshot's listeners. Pure; called once for each snapshot, on the configuration thread. */
    Directory index(MeshSnapshot snapshot);

    /**
     * Which of a snapshot's inbound listeners has the connections of a server. Pure; called once for each snapshot and port, never for a connection. By default
     * none has.
     */
    default Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        return new Binding.Refused("the dialect \"" + name() + "\" has no listeners for servers");
    }

    /**
     * Where a server of the application is bound.
     *
     * @param host IP address, {@code 0.0.0.0} or {@code ::} for all of this machine
     * @param port the port
     */
    record BoundAddress(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    /** What a dialect answers to a server. */
    sealed interface Binding {
        /** This listener says what happens to its connections. */
        record Served(InboundListener listener) implements Binding {}

        /** A resource must be asked for first; connections are refused until then. */
        record Wanted(ResourceName name) implements Binding {}

        /** Its connections are refused; the reason tells what is missing. */
        record Refused(String reason) implements Binding {}
    }

    /** One snapshot's listeners, ready to choose from. Immutable. */
    interface Directory {
        /** Which listener a destination takes; called on the request path, so it scans nothing and makes what it answers beforehand where it can. */
        Choice choose(Destination destination);

        /**
         * What the mesh has at an address to which a host's name has led, after {@link #choose} let the request go there: {@link Choice.Meshed} or {@link
         * Choice.Refused}; null for nothing, so that it may go. The kernel redirects connections by their address, so that a sidecar sees that and not the name;
         * here only who connects asks DNS. Called on the request path, as {@link #choose} is.
         *
         * @param destination by its name
         * @param address     one of the name's
         */
        default @Nullable Choice at(Destination destination, IpAddress address) {
            return null;
        }
    }

    /**
     * Where a request wants to go, before any rewrite.
     *
     * @param scheme    {@code http} or {@code https}
     * @param host      host name or IP address, lower case, IPv6 without brackets
     * @param port      explicit or the scheme's own
     */
    record Destination(String scheme, String host, int port) {

        /**
         * @throws IllegalArgumentException if the host can only be an IPv4 address and is not written as one (RFC 3986 section 3.2.2): {@code 010.1.2.3}, {@code 10.1},
         *                                  {@code 167772161}, {@code 0xa000001}. Resolvers make an address of it, each its own, which nobody has compared with those of the mesh
         */
        public Destination {
            if (NumericHost.isNoAddress(host)) {
                throw new IllegalArgumentException(
                        "the host '" + host
                                + "' is neither a name nor an IPv4 address: an address has four decimal numbers from 0 to 255 without leading zeros");
            }
        }

        /**
         * The destination of a request without any other word on it than its head.
         *
         * @param scheme    {@code http} or {@code https}
         * @param authority host, and port where it is not the scheme's own
         * @throws IllegalArgumentException if the authority has no host or an impossible port
         */
        public static Destination of(String scheme, String authority) {
            int colon = authority.lastIndexOf(':');
            int bracket = authority.lastIndexOf(']');
            boolean hasPort = colon > bracket;
            String host = hasPort ? authority.substring(0, colon) : authority;
            if (bracket > 0 && host.charAt(0) == '[') {
                host = host.substring(1, bracket);
            }
            if (host.isEmpty()) {
                throw new IllegalArgumentException("the authority '" + authority + "' names no host");
            }
            int port = hasPort ? port(authority, colon + 1) : scheme.equals("https") ? 443 : 80;
            return new Destination(scheme, host.toLowerCase(Locale.ROOT), port);
        }

        private static int port(String authority, int from) {
            int port = 0;
            for (int i = from; i < authority.length() && port <= 65535; i++) {
                int digit = authority.charAt(i) - '0';
                port = digit < 0 || digit > 9 ? 65536 : 10 * port + digit;
            }
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("the authority '" + authority + "' has no port from 1 to 65535");
            }
            return port;
        }

        @Override
        public String toString() {
            return scheme + "://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    /** What a dialect answers. */
    sealed interface Choice {
        /** Through this listener. */
        record Meshed(Listener listener, HttpConnectionManager http) implements Choice {}

        /** A resource must be asked for first; the call waits, bounded. */
        record Wanted(ResourceName name) implements Choice {}

        /** Straight to the address, as the dialect's rules say in so many words. */
        record Passthrough(String reason) implements Choice {}

        /**
         * Nowhere; the reason tells what is missing.
         *
         * @param unknown whether it is refused for the one reason that no configuration names it. Then the application may let it go; what the mesh knows, and cannot
         *                or must not serve, is nobody's to let go
         */
        record Refused(String reason, boolean unknown) implements Choice {
            /** Of what the mesh knows. */
            public Refused(String reason) {
                this(reason, false);
            }

            /** Of what no configuration names. */
            public static Refused unknown(String reason) {
                return new Refused(reason, true);
            }
        }
    }
}
