package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.ChainTree;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener.HttpChain;
import io.inmesh.model.Listener.TcpChain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The filter chains of a listener as connections from this process find them. */
final class OutboundChains {
    private static final TcpProxy TCP = TcpProxy.getDefaultInstance();
    private static final IpAddress HERE = new IpAddress(0, 0x7f000001L, true);
    private static final IpAddress ANYWHERE = new IpAddress(0, 0, true);
    /** What an {@code http_inspector} would find: a request can be either. */
    private static final List<String> PLAIN_HTTP = List.of("http/1.1", "h2c");

    private final Listener listener;
    private final Notes notes;
    private final List<Chain> chains = new ArrayList<>();
    private boolean originalDestination;
    private boolean inspectsTls;
    private boolean inspectsHttp;
    private @Nullable Chain http;

    private OutboundChains(Listener listener, Notes notes) {
        this.listener = listener;
        this.notes = notes;
        this.originalDestination = listener.getUseOriginalDst().getValue();
    }

    /**
     * One filter chain.
     *
     * @param match    null for the default chain
     * @param manager  the configuration of an HTTP connection manager at its end that takes requests in the clear, or null
     * @param clusters of a TCP proxy at its end
     */
    record Chain(
            FilterChain proto,
            String path,
            @Nullable FilterChainMatch match,
            @Nullable Any manager,
            List<String> clusters) {}

    /** The chains of a listener that was checked already. */
    static OutboundChains decode(Listener listener, Notes notes) {
        OutboundChains decoded = new OutboundChains(listener, notes);
        listener.getListenerFiltersList().forEach(decoded::listenerFilter);
        for (int i = 0; i < listener.getFilterChainsCount(); i++) {
            decoded.add(listener.getFilterChains(i), Paths.element("", "filter_chains", i), false);
        }
        if (listener.hasDefaultFilterChain()) {
            decoded.add(listener.getDefaultFilterChain(), "default_filter_chain", true);
        }
        decoded.http = decoded.forHttp();
        return decoded;
    }

    boolean originalDestination() {
        return originalDestination;
    }

    boolean inspectsTls() {
        return inspectsTls;
    }

    boolean inspectsHttp() {
        return inspectsHttp;
    }

    /**
     * The chain that requests in the clear take, at any address that no chain is specific for; if that is none of HTTP, the first one that they take at some
     * address. Null if there is none.
     */
    @Nullable
    Chain http() {
        return http;
    }

    /**
     * All but the one of HTTP.
     *
     * @param withHttp whether that one is to be here too, because it cannot be used and still takes connections away from others
     */
    List<TcpChain> others(boolean withHttp) {
        List<TcpChain> others = new ArrayList<>();
        for (Chain chain : chains) {
            if (withHttp || http == null || !chain.path().equals(http.path())) {
                FilterChainMatch match = chain.match();
                others.add(new TcpChain(
                        match == null ? FilterChainMatch.ANY : match, match == null, List.copyOf(chain.clusters())));
            }
        }
        return List.copyOf(others);
    }

    /** Those of HTTP in a listener for original destinations, with their own tables; what comes by RDS, cannot be used, or has a filter that may refuse, allows nothing. */
    List<HttpChain> egress() {
        List<HttpChain> egress = new ArrayList<>();
        for (Chain chain : originalDestination ? chains : List.<Chain>of()) {
            Any manager = chain.manager();
            Refusal refusal = new Refusal();
            ConnectionManagerDecoder.Managed managed = manager == null
                    ? null
                    : ConnectionManagerDecoder.decode(
                            manager,
                            chain.path(),
                            "listener " + listener.getName() + "/" + chain.path() + "/",
                            notes,
                            refusal);
            if (managed != null
                    && managed.routes() != null
                    && refusal.reason() == null
                    && passesAll(chain.proto(), chain.path())
                    && decidesNothing(managed.manager())) {
                FilterChainMatch match = chain.match();
                egress.add(
                        new HttpChain(match == null ? FilterChainMatch.ANY : match, match == null, managed.routes()));
            }
        }
        return List.copyOf(egress);
    }

    private void listenerFilter(ListenerFilter filter) {
        Any config = filter.getTypedConfig();
        if (Values.is(config, TlsInspector.getDefaultInstance())) {
            inspectsTls = true;
        } else if (Values.is(config, HttpInspector.getDefaultInstance())) {
            inspectsHttp = true;
        } else if (Values.is(config, OriginalDst.getDefaultInstance())) {
            originalDestination = true;
        }
    }

    private void add(FilterChain chain, String path, boolean isDefault) {
        Refusal refusal = new Refusal();
        FilterChainMatch match = isDefault
                ? null
                : ChainMatchDecoder.decode(chain.getFilterChainMatch(), path + ".filter_chain_match", notes, refusal);
        int last = chain.getFiltersCount() - 1;
        Any end = last < 0 ? Any.getDefaultInstance() : chain.getFilters(last).getTypedConfig();
        boolean plain = refusal.reason() == null && !chain.hasTransportSocket();
        boolean manager = plain && Values.is(end, ConnectionManagerDecoder.TYPE);
        boolean tcp = plain && Values.is(end, TCP) && passesAll(chain, path);
        chains.add(new Chain(
                chain,
                path,
                match,
                manager ? end : null,
                tcp ? clusters(end, Paths.element(path, "filters", last) + ".typed_config") : List.of()));
    }

    /** Whether no filter before the last one might refuse a connection, or lead it elsewhere. */
    private boolean passesAll(FilterChain chain, String path) {
        for (int i = 0; i < chain.getFiltersCount() - 1; i++) {
            if (!NetworkFilters.letsThrough(chain.getFilters(i).getTypedConfig())) {
                notes.unsupported(
                        Paths.element(path, "filters", i),
                        "may decide who may do what, or where it goes: connections of this chain are refused");
                return false;
            }
        }
        return true;
    }

    /** Whether the routes alone say what becomes of a request. */
    private static boolean decidesNothing(HttpConnectionManager manager) {
        return manager.filters().stream()
                .map(HttpFilterConfig::config)
                .map(each -> each instanceof FilterConfig.Unrecognized unknown ? unknown.otherwise() : each)
                .allMatch(each -> each instanceof FilterConfig.Router || each instanceof FilterConfig.Skipped);
    }

    private static List<String> clusters(Any config, String path) {
        TcpProxy proxy = Values.parse(config, TCP, path);
        return switch (proxy.getClusterSpecifierCase()) {
            case CLUSTER -> List.of(proxy.getCluster());
            case WEIGHTED_CLUSTERS ->
                proxy.getWeightedClusters().getClustersList().stream()
                        .map(TcpProxy.WeightedCluster.ClusterWeight::getName)
                        .toList();
            default -> throw new BadResourceException(path, "one of cluster, weighted_clusters must be set");
        };
    }

    private @Nullable Chain forHttp() {
        List<ChainTree.Entry<Chain>> entries = new ArrayList<>();
        Chain last = null;
        for (Chain chain : chains) {
            if (chain.match() == null) {
                last = chain;
            } else {
                entries.add(new ChainTree.Entry<>(chain.match(), chain));
            }
        }
        ChainTree<Chain> tree = new ChainTree<>(entries, inspectsTls, inspectsHttp);
        // A listener for original destinations is asked about any port but its own, to which nobody connects.
        int port = originalDestination
                ? 0
                : listener.getAddress().getSocketAddress().getPortValue();
        IpAddress address =
                IpAddress.parse(listener.getAddress().getSocketAddress().getAddress());
        Chain found = tree.find(request(address == null ? ANYWHERE : address, port));
        if (found == null) {
            found = last;
        }
        if (found != null && found.manager() != null) {
            return found;
        }
        for (ChainTree.Entry<Chain> entry : entries) {
            FilterChainMatch match = entry.match();
            IpAddress wanted = match.prefixRanges().isEmpty()
                    ? ANYWHERE
                    : match.prefixRanges().get(0).address();
            int wantedPort = match.destinationPort() == 0 ? port : match.destinationPort();
            Chain taken = entry.chain().manager() == null ? null : tree.find(request(wanted, wantedPort));
            if (taken != null && taken.manager() != null) {
                return taken;
            }
        }
        return null;
    }

    private static ConnectionArrival request(IpAddress destination, int port) {
        return new ConnectionArrival(HERE, 0, destination, port, false, "", PLAIN_HTTP);
    }
}
