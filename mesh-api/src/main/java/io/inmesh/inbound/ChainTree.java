package io.inmesh.inbound;

import io.inmesh.model.CidrRange;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterChainMatch.SourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a filter chain as Envoy's {@code FilterChainManagerImpl} does: one criterion after the other, in the order that the comment of
 * {@code FilterChainMatch} gives, each time the most specific value that the connection has, and never back: chains that an earlier choice left out are
 * out, even if in the end none remains. So the criteria are levels of a tree, and a choice is one walk from its root.
 *
 * <p>Immutable and thread-safe if the chains are.
 *
 * @param <T> the chains
 */
public final class ChainTree<T> {
    private static final String TLS = "tls";
    private static final String RAW = "raw_buffer";

    private final boolean inspectsTls;
    private final boolean inspectsHttp;
    private final @Nullable Node<T> root;

    /**
     * A tree of chains. Of two that take the very same connections the first one has them.
     *
     * @param entries      without the default chain
     * @param inspectsTls  whether the listener has a {@code tls_inspector}
     * @param inspectsHttp whether it has an {@code http_inspector}
     */
    public ChainTree(List<Entry<T>> entries, boolean inspectsTls, boolean inspectsHttp) {
        this.inspectsTls = inspectsTls;
        this.inspectsHttp = inspectsHttp;
        this.root = entries.isEmpty() ? null : destinationPorts(entries);
    }

    /** A chain and which connections take it. */
    public record Entry<T>(FilterChainMatch match, T chain) {}

    /** The chain, or null if none takes the connection: then the default chain does. */
    public @Nullable T find(ConnectionArrival arrival) {
        return root == null ? null : root.find(arrival);
    }

    /** What is left to choose from. */
    private interface Node<T> {
        @Nullable
        T find(ConnectionArrival arrival);
    }

    private Node<T> destinationPorts(List<Entry<T>> entries) {
        return ports(entries, match -> port(match.destinationPort()), ConnectionArrival::localPort, this::destinations);
    }

    private static List<Integer> port(int port) {
        return port == 0 ? List.of() : List.of(port);
    }

    private Node<T> destinations(List<Entry<T>> entries) {
        return ranges(entries, FilterChainMatch::prefixRanges, ConnectionArrival::local, this::serverNames);
    }

    private Node<T> serverNames(List<Entry<T>> entries) {
        Groups<String, T> groups = new Groups<>(entries, FilterChainMatch::serverNames);
        if (groups.only()) {
            return transportProtocols(entries);
        }
        Map<String, Node<T>> exact = new LinkedHashMap<>();
        // "*.example.com" is filed under ".example.com", as in Envoy, where an odd SNI that begins with a dot finds it
        // too.
        groups.by.forEach(
                (name, some) -> exact.put(name.startsWith("*.") ? name.substring(1) : name, transportProtocols(some)));
        Node<T> otherwise = groups.rest(this::transportProtocols);
        return arrival -> {
            Node<T> next = inspectsTls && arrival.tls() ? byName(exact, arrival.serverName()) : null;
            next = next == null ? otherwise : next;
            return next == null ? null : next.find(arrival);
        };
    }

    private static <T> @Nullable Node<T> byName(Map<String, Node<T>> names, String name) {
        Node<T> found = names.get(name);
        for (int dot = name.indexOf('.', 1);
                found == null && dot >= 0 && dot < name.length() - 1;
                dot = name.indexOf('.', dot + 1)) {
            found = names.get(name.substring(dot));
        }
        return found;
    }

    private Node<T> transportProtocols(List<Entry<T>> entries) {
        Groups<String, T> groups = new Groups<>(
                entries, match -> match.transportProtocol().isEmpty() ? List.of() : List.of(match.transportProtocol()));
        if (groups.only()) {
            return applicationProtocols(entries);
        }
        Node<T> otherwise = groups.rest(this::applicationProtocols);
        Node<T> tls = groups.of(TLS, this::applicationProtocols, otherwise);
        Node<T> raw = groups.of(RAW, this::applicationProtocols, otherwise);
        return arrival -> {
            Node<T> next = Arrived.tls(arrival, inspectsTls) ? tls : raw;
            return next == null ? null : next.find(arrival);
        };
    }

    private Node<T> applicationProtocols(List<Entry<T>> entries) {
        Groups<String, T> groups = new Groups<>(entries, FilterChainMatch::applicationProtocols);
        if (groups.only()) {
            return directSources(entries);
        }
        Map<String, Node<T>> exact = groups.each(this::directSources);
        Node<T> otherwise = groups.rest(this::directSources);
        return arrival -> {
            List<String> offered = Arrived.applicationProtocols(arrival, inspectsTls, inspectsHttp);
            Node<T> next = null;
            for (int i = 0; next == null && i < offered.size(); i++) {
                next = exact.get(offered.get(i));
            }
            next = next == null ? otherwise : next;
            return next == null ? null : next.find(arrival);
        };
    }

    private Node<T> directSources(List<Entry<T>> entries) {
        return ranges(entries, FilterChainMatch::directSourceRanges, ConnectionArrival::remote, this::sourceTypes);
    }

    private Node<T> sourceTypes(List<Entry<T>> entries) {
        Groups<SourceType, T> groups = new Groups<>(
                entries, match -> match.sourceType() == SourceType.ANY ? List.of() : List.of(match.sourceType()));
        if (groups.only()) {
            return sources(entries);
        }
        Node<T> otherwise = groups.rest(this::sources);
        Node<T> local = groups.of(SourceType.SAME_IP_OR_LOOPBACK, this::sources, otherwise);
        Node<T> external = groups.of(SourceType.EXTERNAL, this::sources, otherwise);
        return arrival -> {
            Node<T> next = Arrived.isLocal(arrival) ? local : external;
            return next == null ? null : next.find(arrival);
        };
    }

    private Node<T> sources(List<Entry<T>> entries) {
        return ranges(entries, FilterChainMatch::sourceRanges, ConnectionArrival::remote, this::sourcePorts);
    }

    private Node<T> sourcePorts(List<Entry<T>> entries) {
        return ports(entries, FilterChainMatch::sourcePorts, ConnectionArrival::remotePort, rest -> {
            // The decoder has refused listeners of which two chains take the very same connections.
            T chain = rest.get(0).chain();
            return arrival -> chain;
        });
    }

    private Node<T> ports(
            List<Entry<T>> entries,
            Function<FilterChainMatch, List<Integer>> wanted,
            java.util.function.ToIntFunction<ConnectionArrival> actual,
            Function<List<Entry<T>>, Node<T>> next) {
        Groups<Integer, T> groups = new Groups<>(entries, wanted);
        if (groups.only()) {
            return next.apply(entries);
        }
        PortTable<Node<T>> table = new PortTable<>(groups.each(next));
        Node<T> otherwise = groups.rest(next);
        return arrival -> {
            Node<T> found = table.get(actual.applyAsInt(arrival));
            found = found == null ? otherwise : found;
            return found == null ? null : found.find(arrival);
        };
    }

    private Node<T> ranges(
            List<Entry<T>> entries,
            Function<FilterChainMatch, List<CidrRange>> wanted,
            Function<ConnectionArrival, io.inmesh.exchange.IpAddress> actual,
            Function<List<Entry<T>>, Node<T>> next) {
        Groups<CidrRange, T> groups = new Groups<>(entries, wanted);
        if (groups.only()) {
            return next.apply(entries);
        }
        PrefixTrie<Node<T>> trie = new PrefixTrie<>();
        groups.each(next).forEach(trie::add);
        Node<T> otherwise = groups.rest(next);
        if (otherwise != null) {
            trie.addForAll(otherwise);
        }
        return arrival -> {
            Node<T> found = trie.longest(actual.apply(arrival));
            return found == null ? null : found.find(arrival);
        };
    }

    /** The chains by what they want of one criterion. One that wants several values is in several groups. */
    private static final class Groups<K, T> {
        final Map<K, List<Entry<T>>> by = new LinkedHashMap<>();
        private final List<Entry<T>> rest = new ArrayList<>();

        Groups(List<Entry<T>> entries, Function<FilterChainMatch, List<K>> wanted) {
            for (Entry<T> entry : entries) {
                List<K> values = wanted.apply(entry.match());
                if (values.isEmpty()) {
                    rest.add(entry);
                }
                for (K value : values) {
                    by.computeIfAbsent(value, unknown -> new ArrayList<>()).add(entry);
                }
            }
        }

        /** Whether no chain cares. */
        boolean only() {
            return by.isEmpty();
        }

        <N> Map<K, N> each(Function<List<Entry<T>>, N> next) {
            Map<K, N> nodes = new LinkedHashMap<>();
            by.forEach((key, entries) -> nodes.put(key, next.apply(entries)));
            return nodes;
        }

        <N> @Nullable N of(K key, Function<List<Entry<T>>, N> next, @Nullable N otherwise) {
            List<Entry<T>> entries = by.get(key);
            return entries == null ? otherwise : next.apply(entries);
        }

        /** Those that do not care, or null if all do. */
        <N> @Nullable N rest(Function<List<Entry<T>>, N> next) {
            return rest.isEmpty() ? null : next.apply(rest);
        }
    }
}
