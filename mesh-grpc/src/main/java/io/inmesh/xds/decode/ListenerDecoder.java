package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.RouteTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.listener.v3.Listener}, as a client in process sees it. */
final class ListenerDecoder {
    private final Listener listener;
    private final Notes notes;
    private final Refusal unusable = new Refusal();
    private @Nullable Map<String, List<String>> addresses = Map.of();
    private @Nullable OutboundChains chains;

    private ListenerDecoder(Listener listener, Notes notes) {
        this.listener = listener;
        this.notes = notes;
    }

    /** Decodes a listener that was not checked yet. */
    static DecodedListener decode(Listener listener, Notes notes) {
        return new ListenerDecoder(listener, notes).decode();
    }

    private DecodedListener decode() {
        FieldAudit.check(listener, "", notes);
        addresses = NameTableDecoder.decode(listener, notes);
        if (listener.getAddress().hasPipe() || takesDatagrams()) {
            unusable.because("address: is a pipe or for datagrams, and no call goes through it");
            return result(null, null);
        }
        if (listener.getTrafficDirection() == TrafficDirection.INBOUND) {
            unusable.because("traffic_direction: INBOUND, and no call goes through it");
            return result(null, null);
        }
        if (listener.hasApiListener()) {
            Any api = listener.getApiListener().getApiListener();
            if (!Values.is(api, ConnectionManagerDecoder.TYPE)) {
                throw new BadResourceException(
                        "api_listener.api_listener", "must be an HttpConnectionManager, is " + api.getTypeUrl());
            }
            return manager(api, "api_listener.api_listener");
        }
        return chosenChain();
    }

    /** A request in process arrives as plain HTTP, as Envoy's inspectors would find it. */
    private DecodedListener chosenChain() {
        if (listener.hasFilterChainMatcher()) {
            // Envoy asks it instead of the criteria of the chains, so nothing is known of any of them.
            unusable.because("filter_chain_matcher: is not supported, and decides which filter chain is taken");
            return result(null, null);
        }
        OutboundChains decoded = OutboundChains.decode(listener, notes);
        chains = decoded;
        OutboundChains.Chain found = decoded.http();
        Any manager = found == null ? null : found.manager();
        if (found != null && manager != null) {
            return chain(found.proto(), manager, found.path());
        }
        unusable.because(
                "no filter chain has an HTTP connection manager for plain HTTP: connections of this listener are not meshed");
        if (!decoded.originalDestination() && listener.getTrafficDirection() == TrafficDirection.OUTBOUND) {
            notes.unsupported("filter_chains", "none is for plain HTTP: connections of this listener are not meshed");
        }
        return result(null, null);
    }

    private DecodedListener chain(FilterChain chain, Any manager, String path) {
        int last = chain.getFiltersCount() - 1;
        for (int i = 0; i < last; i++) {
            Filter filter = chain.getFilters(i);
            String at = Paths.element(path, "filters", i);
            String missed = NetworkFilters.missed(filter.getTypedConfig());
            if (missed != null) {
                notes.unsupported(at, NetworkFilters.typeName(filter.getTypedConfig()) + ": " + missed);
            } else if (!NetworkFilters.isHarmless(filter.getTypedConfig())) {
                unusable.because(at + ": the network filter \"" + filter.getName()
                        + "\" is not supported, and may decide who may do what");
            }
        }
        return manager(manager, Paths.element(path, "filters", last) + ".typed_config");
    }

    private DecodedListener manager(Any any, String path) {
        ConnectionManagerDecoder.Managed managed =
                ConnectionManagerDecoder.decode(any, path, "listener " + listener.getName() + "/", notes, unusable);
        return managed == null ? result(null, null) : result(managed.manager(), managed.routes());
    }

    private DecodedListener result(
            io.inmesh.model.@Nullable HttpConnectionManager manager, @Nullable RouteTable routes) {
        SocketAddress address = listener.getAddress().getSocketAddress();
        boolean bound = !listener.hasApiListener() && listener.getAddress().hasSocketAddress() && !takesDatagrams();
        // A listener for datagrams, or on a pipe, has no connections of ours, and need not have filter chains.
        List<AdditionalAddress> additional = bound ? additional() : List.of();
        boolean served = bound && listener.getTrafficDirection() != TrafficDirection.OUTBOUND;
        InboundListenerDecoder.Bound inbound =
                served ? InboundListenerDecoder.decode(listener, additional, notes) : null;
        OutboundChains outbound = chains;
        OutboundChains.Chain http = outbound == null || manager == null ? null : outbound.http();
        return new DecodedListener(
                new io.inmesh.model.Listener(
                        listener.getName(),
                        place(),
                        bound ? address.getPortValue() : 0,
                        manager,
                        http == null ? null : http.match(),
                        outbound == null ? List.of() : outbound.others(manager == null),
                        outbound != null && outbound.originalDestination(),
                        outbound != null && outbound.inspectsTls(),
                        outbound != null && outbound.inspectsHttp(),
                        outbound == null ? List.of() : outbound.egress(),
                        unusable.reason(),
                        additional),
                inbound == null ? null : inbound.listener(),
                routes,
                inbound == null ? List.of() : inbound.tables(),
                addresses);
    }

    private List<AdditionalAddress> additional() {
        List<AdditionalAddress> more = new ArrayList<>(listener.getAdditionalAddressesCount());
        for (int i = 0; i < listener.getAdditionalAddressesCount(); i++) {
            Address address = listener.getAdditionalAddresses(i).getAddress();
            String path = Paths.element("", "additional_addresses", i) + ".address";
            if (!address.hasSocketAddress()) {
                notes.unsupported(path, "the address is left out: it has no IP address");
            } else if (address.getSocketAddress().getPortValue() != 0) {
                SocketAddress socket = address.getSocketAddress();
                more.add(new AdditionalAddress(socket.getAddress(), socket.getPortValue()));
            }
        }
        return List.copyOf(more);
    }

    private boolean takesDatagrams() {
        return listener.hasUdpListenerConfig()
                || listener.getAddress().getSocketAddress().getProtocol() == SocketAddress.Protocol.UDP;
    }

    private @Nullable String place() {
        if (listener.hasApiListener() || !listener.hasAddress()) {
            return null;
        }
        return listener.getAddress().hasPipe()
                ? listener.getAddress().getPipe().getPath()
                : listener.getAddress().getSocketAddress().getAddress();
    }
}
