package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.InboundListener.Inspection;
import io.inmesh.model.PortSet;
import io.inmesh.model.RouteTable;
import java.util.ArrayList;
import java.util.List;

/** {@code envoy.config.listener.v3.Listener}, as a server in process sees it. */
final class InboundListenerDecoder {
    private final Listener listener;
    private final Notes notes;
    private final Refusal unusable = new Refusal();
    private final List<RouteTable> tables = new ArrayList<>();
    private PortSet inspectsTls = PortSet.NONE;
    private PortSet inspectsHttp = PortSet.NONE;
    private boolean originalDestination;

    private InboundListenerDecoder(Listener listener, Notes notes) {
        this.listener = listener;
        this.notes = notes;
        this.originalDestination = listener.getUseOriginalDst().getValue();
    }

    /**
     * A listener and the tables of its chains.
     *
     * @param tables their own ones, each filed under the name that its connection manager has
     */
    record Bound(InboundListener listener, List<RouteTable> tables) {}

    /** Decodes a listener that was checked already and has a socket address. */
    static Bound decode(Listener listener, List<AdditionalAddress> additional, Notes notes) {
        return new InboundListenerDecoder(listener, notes).decode(additional);
    }

    private Bound decode(List<AdditionalAddress> additional) {
        for (int i = 0; i < listener.getListenerFiltersCount(); i++) {
            listenerFilter(listener.getListenerFilters(i), Paths.element("", "listener_filters", i));
        }
        if (listener.hasFilterChainMatcher()) {
            unusable.because("filter_chain_matcher: is not supported, and decides which rules a connection is under");
        }
        List<InboundChain> chains = new ArrayList<>();
        for (int i = 0; i < listener.getFilterChainsCount(); i++) {
            String path = Paths.element("", "filter_chains", i);
            chains.add(chain(listener.getFilterChains(i), path));
            requireNoOverlap(chains, path);
        }
        InboundChain last = listener.hasDefaultFilterChain()
                ? chain(listener.getDefaultFilterChain(), "default_filter_chain")
                : null;
        if (chains.isEmpty() && last == null) {
            throw new BadResourceException("filter_chains", "there is none, and no default_filter_chain");
        }
        SocketAddress address = listener.getAddress().getSocketAddress();
        return new Bound(
                new InboundListener(
                        listener.getName(),
                        address.getAddress(),
                        address.getPortValue(),
                        originalDestination,
                        // Documents say that Envoy adds an inspector where a criterion needs one: it does not any more.
                        inspectsTls,
                        inspectsHttp,
                        inspection(),
                        List.copyOf(chains),
                        last,
                        unusable.reason(),
                        additional),
                List.copyOf(tables));
    }

    /** A timeout of 0 is none, as in Envoy. */
    private Inspection inspection() {
        return new Inspection(
                listener.hasListenerFiltersTimeout()
                        ? Values.limit(listener.getListenerFiltersTimeout(), "listener_filters_timeout")
                        : Inspection.DEFAULT.timeout(),
                listener.getContinueOnListenerFiltersTimeout());
    }

    private void listenerFilter(ListenerFilter filter, String path) {
        Any config = filter.getTypedConfig();
        if (Values.is(config, TlsInspector.getDefaultInstance())) {
            inspectsTls = inspectsTls.or(inspectedPorts(filter, path));
        } else if (Values.is(config, HttpInspector.getDefaultInstance())) {
            inspectsHttp = inspectsHttp.or(inspectedPorts(filter, path));
        } else if (Values.is(config, OriginalDst.getDefaultInstance())) {
            originalDestination = true;
            if (filter.hasFilterDisabled()) {
                unusable.because(
                        path
                                + ".filter_disabled: is not supported for original_dst, and decides which listener a connection has");
            }
        } else {
            unusable.because(path + ": the listener filter \"" + filter.getName()
                    + "\" is not supported, and may decide who the client is");
        }
    }

    /** Where a filter is not disabled: istiod tells each inspector the ports that need none. */
    private static PortSet inspectedPorts(ListenerFilter filter, String path) {
        return filter.hasFilterDisabled()
                ? ports(filter.getFilterDisabled(), path + ".filter_disabled").not()
                : PortSet.ALL;
    }

    private static PortSet ports(ListenerFilterChainMatchPredicate predicate, String path) {
        return switch (predicate.getRuleCase()) {
            case OR_MATCH ->
                predicate.getOrMatch().getRulesList().stream()
                        .map(rule -> ports(rule, path + ".or_match"))
                        .reduce(PortSet.NONE, PortSet::or);
            case AND_MATCH ->
                predicate.getAndMatch().getRulesList().stream()
                        .map(rule -> ports(rule, path + ".and_match"))
                        .reduce(PortSet.ALL, PortSet::and);
            case NOT_MATCH ->
                ports(predicate.getNotMatch(), path + ".not_match").not();
            case ANY_MATCH -> predicate.getAnyMatch() ? PortSet.ALL : PortSet.NONE;
            case DESTINATION_PORT_RANGE ->
                PortSet.range(
                        predicate.getDestinationPortRange().getStart(),
                        predicate.getDestinationPortRange().getEnd());
            case RULE_NOT_SET -> throw new BadResourceException(path, "a rule is required");
        };
    }

    private static void requireNoOverlap(List<InboundChain> chains, String path) {
        FilterChainMatch newest = chains.get(chains.size() - 1).match();
        for (int i = 0; i < chains.size() - 1; i++) {
            if (chains.get(i).match().overlaps(newest)) {
                throw new BadResourceException(
                        path + ".filter_chain_match",
                        "takes connections that filter_chains[" + i + "] takes as well, and neither is more specific");
            }
        }
    }

    private InboundChain chain(FilterChain chain, String path) {
        Refusal refusal = new Refusal();
        FilterChainMatch match =
                ChainMatchDecoder.decode(chain.getFilterChainMatch(), path + ".filter_chain_match", notes, refusal);
        var tls = ServerSocketDecoder.decode(chain, path, notes, refusal);
        ChainFilters filters =
                ChainFilters.decode(chain, path, "listener " + listener.getName() + "/" + path + "/", notes, refusal);
        if (filters.routes() != null) {
            tables.add(filters.routes());
        }
        return new InboundChain(chain.getName(), match, tls, filters.network(), filters.http(), refusal.reason());
    }
}
