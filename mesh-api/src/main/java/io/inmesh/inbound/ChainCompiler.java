package io.inmesh.inbound;

import io.inmesh.filter.FilterChain;
import io.inmesh.filter.NetworkFilter;
import io.inmesh.filter.NetworkFilterFactory;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.InboundChain;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.RouteTable;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes chains ready. Belongs to whoever configures. */
final class ChainCompiler {
    private final InboundSettings settings;

    ChainCompiler(InboundSettings settings) {
        this.settings = settings;
    }

    /**
     * A chain of a snapshot.
     *
     * @param before its version so far, or null; filters whose configuration is the same are kept, with what they have counted
     */
    ServedChain compile(InboundChain chain, MeshSnapshot snapshot, @Nullable ServedChain before) {
        HttpConnectionManager http = chain.http();
        String refusal = chain.unusable();
        if (refusal == null && http == null) {
            refusal = "it ends in no HTTP connection manager, and requests are all that is served here";
        }
        if (refusal == null
                && http != null
                && before != null
                && before.config().networkFilters().equals(chain.networkFilters())) {
            return served(chain, before.networkFilters(), http(http, snapshot, before.http()));
        }
        List<NetworkFilter> filters = new ArrayList<>();
        for (NetworkFilterConfig config : chain.networkFilters()) {
            String problem = add(config, filters);
            refusal = refusal == null ? problem : refusal;
        }
        return refusal == null && http != null
                ? served(chain, List.copyOf(filters), http(http, snapshot, null))
                : new ServedChain(chain, List.of(), null, refusal);
    }

    /** A chain with a filter that would refuse every request says so at once, to operators and to those who connect. */
    private static ServedChain served(InboundChain chain, List<NetworkFilter> filters, ServedHttp http) {
        return new ServedChain(chain, filters, http, http.filters().refusal());
    }

    private @Nullable String add(NetworkFilterConfig filter, List<NetworkFilter> filters) {
        FilterConfig config = filter.config();
        if (config instanceof FilterConfig.Skipped) {
            return null;
        }
        if (config instanceof FilterConfig.Refused refused) {
            return "network filter \"" + filter.name() + "\": " + refused.reason();
        }
        for (NetworkFilterFactory<?> factory : settings.networkFilters()) {
            if (factory.configType().isInstance(config)) {
                filters.add(create(factory, config));
                return null;
            }
        }
        return "no factory makes the network filter \"" + filter.name() + "\"";
    }

    private static <C extends FilterConfig> NetworkFilter create(NetworkFilterFactory<C> factory, FilterConfig config) {
        return factory.create(factory.configType().cast(config));
    }

    @SuppressWarnings("ReferenceEquality") // identity means that nothing has changed
    private ServedHttp http(HttpConnectionManager http, MeshSnapshot snapshot, @Nullable ServedHttp before) {
        RouteTable table = snapshot.routeTables().get(http.routeTable());
        CompiledRoutes known = before == null ? null : before.routes();
        boolean sameTable = known != null && known.table() == table;
        if (before != null && sameTable && before.http().equals(http)) {
            return before;
        }
        FilterChain filters = before != null && before.http().filters().equals(http.filters())
                ? before.filters()
                : FilterChain.compile(http.filters(), settings.filters());
        CompiledRoutes routes = sameTable ? known : table == null ? null : CompiledRoutes.of(table);
        return new ServedHttp(http, routes, filters, settings.random());
    }
}
