package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.ChainTree;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.Listener;
import io.inmesh.model.Listener.TcpChain;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar's listener and the address at which it is reached: its filter chains, ready to choose from. What does not depend on the request is chosen
 * once, by the first that needs it: most listeners of a large mesh are nobody's here. Thread-safe; what two threads make at once is the same.
 */
final class SidecarTarget {
    /** An application's connections come from this machine. */
    private static final IpAddress HERE = new IpAddress(0, 0x7f000001L, true);

    private static final IpAddress ANYWHERE = new IpAddress(0, 0, true);
    /** What an {@code http_inspector} would find: a request can be either. */
    private static final List<String> PLAIN_HTTP = List.of("http/1.1", "h2c");
    /** What a client of HTTP offers. */
    private static final List<String> HTTPS = List.of("h2", "http/1.1");

    private final Chains chains;
    private final @Nullable IpAddress address;
    private volatile @Nullable ChainOutcome usual;

    private SidecarTarget(Chains chains, @Nullable IpAddress address) {
        this.chains = chains;
        this.address = address;
    }

    private ChainOutcome usual() {
        ChainOutcome made = usual;
        if (made == null) {
            IpAddress local = address == null ? ANYWHERE : address;
            made = new ChainOutcome(
                    chains.find(arrival(local, chains.port, false, "")).plain(),
                    chains.find(arrival(local, chains.port, true, "")).tls());
            usual = made;
        }
        return made;
    }

    /**
     * A listener of a snapshot.
     *
     * @param rules what goes where its chains do not lead
     */
    static SidecarTarget of(Listener listener, MeshSnapshot snapshot, ChainOutcome.Rules rules) {
        IpAddress bound = listener.address() == null ? null : IpAddress.parse(listener.address());
        return new SidecarTarget(new Chains(listener, snapshot, rules), bound == null || isAny(bound) ? null : bound);
    }

    /** The same listener, at this address of it. */
    SidecarTarget boundTo(IpAddress own) {
        return own.equals(address) ? this : new SidecarTarget(chains, own);
    }

    /** The same listener, for a host that has this address. */
    SidecarTarget at(@Nullable IpAddress known) {
        return chains.byAddress && known != null ? new SidecarTarget(chains, known) : this;
    }

    /** Whether TLS of the application's own goes straight to wherever it wants to. */
    boolean letsTlsThrough() {
        return usual().tls() instanceof Choice.Passthrough;
    }

    /** Whether its chains differ by the address that a connection goes to. */
    boolean needsAddress() {
        return chains.byAddress && address == null;
    }

    /**
     * Which way a connection goes.
     *
     * @param host the destination's, without a dot at the end
     */
    Choice choose(Destination destination, String host) {
        return choose(destination, host, null);
    }

    /** @param known the host's address if it is a name that was looked up */
    Choice choose(Destination destination, String host, @Nullable IpAddress known) {
        boolean tls = destination.scheme().equals("https");
        if (!needsAddress() && !chains.byPort && !(tls && chains.byName)) {
            return tls ? usual().tls() : usual().plain();
        }
        IpAddress literal = IpAddress.parse(host);
        IpAddress named = known != null ? known : literal != null ? literal : ANYWHERE;
        IpAddress local = address != null ? address : named;
        // An IP address is never sent as SNI (RFC 6066 section 3).
        String serverName = tls && literal == null ? host : "";
        ChainOutcome outcome = chains.find(arrival(local, destination.port(), tls, serverName));
        return tls ? outcome.tls() : outcome.plain();
    }

    private static ConnectionArrival arrival(IpAddress local, int port, boolean tls, String serverName) {
        return new ConnectionArrival(HERE, 0, local, port, tls, serverName, tls ? HTTPS : PLAIN_HTTP);
    }

    private static boolean isAny(IpAddress address) {
        return address.high() == 0 && address.low() == 0;
    }

    /** The chains themselves, whatever the address. */
    private static final class Chains {
        private final Listener listener;
        private final MeshSnapshot snapshot;
        private final ChainOutcome.Rules rules;
        private volatile @Nullable Tree tree;
        final int port;
        final boolean byAddress;
        final boolean byPort;
        final boolean byName;

        private record Tree(ChainTree<ChainOutcome> chains, ChainOutcome otherwise) {}

        Chains(Listener listener, MeshSnapshot snapshot, ChainOutcome.Rules rules) {
            this.listener = listener;
            this.snapshot = snapshot;
            this.rules = rules;
            // Nobody connects to the port of a listener for original destinations: it stands for all others.
            port = listener.originalDestination() ? 0 : listener.port();
            byAddress = any(match -> !match.prefixRanges().isEmpty());
            byPort = listener.originalDestination() && any(match -> match.destinationPort() != 0);
            byName = any(match -> !match.serverNames().isEmpty());
        }

        private Tree tree() {
            Tree made = tree;
            if (made == null) {
                made = make();
                tree = made;
            }
            return made;
        }

        private Tree make() {
            List<ChainTree.Entry<ChainOutcome>> entries = new ArrayList<>();
            ChainOutcome last = ChainOutcome.ofNone(listener);
            if (listener.http() != null) {
                ChainOutcome http = ChainOutcome.ofHttp(listener);
                if (listener.httpMatch() == null) {
                    last = http;
                } else {
                    entries.add(new ChainTree.Entry<>(listener.httpMatch(), http));
                }
            }
            for (TcpChain chain : listener.tcp()) {
                ChainOutcome outcome = ChainOutcome.of(listener, chain, snapshot, rules);
                if (chain.fallback()) {
                    last = outcome;
                } else {
                    entries.add(new ChainTree.Entry<>(chain.match(), outcome));
                }
            }
            return new Tree(new ChainTree<>(entries, listener.inspectsTls(), listener.inspectsHttp()), last);
        }

        ChainOutcome find(ConnectionArrival arrival) {
            Tree made = tree();
            ChainOutcome found = made.chains().find(arrival);
            return found == null ? made.otherwise() : found;
        }

        /** Of the chains that have to match. */
        private boolean any(Predicate<FilterChainMatch> condition) {
            FilterChainMatch http = listener.http() == null ? null : listener.httpMatch();
            if (http != null && condition.test(http)) {
                return true;
            }
            for (TcpChain chain : listener.tcp()) {
                if (!chain.fallback() && condition.test(chain.match())) {
                    return true;
                }
            }
            return false;
        }
    }
}
