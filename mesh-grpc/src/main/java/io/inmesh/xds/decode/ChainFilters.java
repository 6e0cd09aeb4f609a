package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.RouteTable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filters of an inbound chain.
 *
 * @param network those before the last
 * @param http    the last, if it is a connection manager
 * @param routes  its own route table, or null
 */
record ChainFilters(
        List<NetworkFilterConfig> network,
        @Nullable HttpConnectionManager http,
        @Nullable RouteTable routes) {

    static ChainFilters decode(FilterChain chain, String path, String tablePrefix, Notes notes, Refusal refusal) {
        List<NetworkFilterConfig> network = new ArrayList<>();
        ConnectionManagerDecoder.Managed managed = null;
        int last = chain.getFiltersCount() - 1;
        for (int i = 0; i <= last; i++) {
            Filter filter = chain.getFilters(i);
            Any config = filter.getTypedConfig();
            String at = Paths.element(path, "filters", i);
            if (filter.hasConfigDiscovery()) {
                notes.unsupported(at + ".config_discovery", "filters by ECDS are not supported");
                refusal.because(at + ".config_discovery: filters by ECDS are not supported");
            } else if (Values.is(config, ConnectionManagerDecoder.TYPE) || Values.is(config, TCP)) {
                if (i != last) {
                    throw new BadResourceException(at, "must be the last filter of the chain");
                }
                managed = Values.is(config, TCP)
                        ? null
                        : ConnectionManagerDecoder.atServer(config, at + ".typed_config", tablePrefix, notes, refusal);
            } else {
                FilterConfig decoded = filter(filter, at, notes, refusal);
                if (i == last && refusal.reason() == null) {
                    throw new BadResourceException(at, "cannot be the last filter of the chain");
                }
                network.add(new NetworkFilterConfig(filter.getName(), decoded));
            }
        }
        if (last < 0) {
            refusal.because(path + ".filters: there is none");
        }
        return new ChainFilters(
                List.copyOf(network),
                managed == null ? null : atServer(managed.manager(), path, notes),
                managed == null ? null : managed.routes());
    }

    /** What a client may pass over and a server may not refuses what reaches it. */
    private static HttpConnectionManager atServer(HttpConnectionManager manager, String path, Notes notes) {
        List<HttpFilterConfig> filters = new ArrayList<>();
        for (HttpFilterConfig filter : manager.filters()) {
            if (filter.config() instanceof FilterConfig.Skipped skipped
                    && skipped.typeUrl().equals(FilterDecoder.DISCOVERED)) {
                // is_optional excuses those who do not have a filter; here it may be any, one that decides too.
                filters.add(new HttpFilterConfig(
                        filter.name(),
                        new FilterConfig.Refused(skipped.typeUrl(), skipped.reason()),
                        filter.disabled()));
                continue;
            }
            String type = filter.config() instanceof FilterConfig.Unrecognized other
                            && other.otherwise() instanceof FilterConfig.Skipped
                    ? Values.typeName(other.raw().typeUrl())
                    : "";
            String decides = KnownFilters.decidesAtServer(type);
            if (decides == null || !(filter.config() instanceof FilterConfig.Unrecognized unrecognized)) {
                filters.add(filter);
            } else {
                String reason = decides + " by " + type + " is not supported";
                notes.unsupported(path + ".filters", reason + ": requests are refused");
                filters.add(new HttpFilterConfig(
                        filter.name(),
                        new FilterConfig.Unrecognized(
                                unrecognized.raw(),
                                new FilterConfig.Refused(unrecognized.raw().typeUrl(), reason)),
                        filter.disabled()));
            }
        }
        return manager.withFilters(filters);
    }

    private static final TcpProxy TCP = TcpProxy.getDefaultInstance();

    private static FilterConfig filter(Filter filter, String path, Notes notes, Refusal refusal) {
        Any config = filter.getTypedConfig();
        if (NetworkFilterDecoder.isRbac(config)) {
            return NetworkFilterDecoder.rbac(config, path + ".typed_config", notes);
        }
        if (Values.is(config, FilterStateDecoder.TYPE)) {
            return FilterStateDecoder.decode(config, path + ".typed_config", notes, refusal);
        }
        String type = NetworkFilters.typeName(config);
        String harmless = KnownFilters.harmless(type);
        if (harmless != null) {
            return new FilterConfig.Skipped(config.getTypeUrl(), harmless);
        }
        String missed = NetworkFilters.missed(config);
        if (missed != null) {
            notes.unsupported(path + ".typed_config", type + ": " + missed);
            return new FilterConfig.Skipped(config.getTypeUrl(), missed);
        }
        String protects = KnownFilters.protects(type);
        String reason = protects == null
                ? "the network filter " + type + " is not supported, and may decide who may do what"
                : protects + " by " + type + " is not supported";
        notes.unsupported(path + ".typed_config", type + ": connections are refused");
        refusal.because(path + ": " + reason);
        return new FilterConfig.Refused(config.getTypeUrl(), reason);
    }
}
