package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.model.RouteTable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code HttpConnectionManager}, in either direction. */
final class ConnectionManagerDecoder {
    static final HttpConnectionManager TYPE = HttpConnectionManager.getDefaultInstance();

    private static final Duration DEFAULT_STREAM_IDLE = Duration.ofMinutes(5);

    private ConnectionManagerDecoder() {}

    /**
     * A connection manager and its own table.
     *
     * @param manager the connection manager
     * @param routes  its own route table, or null if it comes by RDS
     */
    record Managed(
            io.inmesh.model.HttpConnectionManager manager,
            @Nullable RouteTable routes) {}

    /**
     * Null if it cannot be used, and then the refusal knows why.
     *
     * @param tablePrefix before the name of an inline table: tables by RDS and inline ones share a name space, and no RDS resource must have it by accident
     */
    static @Nullable Managed decode(Any any, String path, String tablePrefix, Notes notes, Refusal refusal) {
        HttpConnectionManager manager = Values.unpack(any, TYPE, path, notes);
        RouteTable routes = null;
        String routeTable;
        switch (manager.getRouteSpecifierCase()) {
            case RDS -> {
                routeTable = manager.getRds().getRouteConfigName();
                if (routeTable.isEmpty()) {
                    throw new BadResourceException(path + ".rds.route_config_name", "must not be empty");
                }
            }
            case ROUTE_CONFIG -> {
                routeTable = tablePrefix + manager.getRouteConfig().getName();
                routes = RouteTableDecoder.decode(manager.getRouteConfig(), routeTable, path + ".route_config", notes);
            }
            case SCOPED_ROUTES -> {
                refusal.because(path + ".scoped_routes: scoped routes are not supported");
                return null;
            }
            default -> throw new BadResourceException(path, "has no routes");
        }
        return new Managed(
                new io.inmesh.model.HttpConnectionManager(
                        manager.getStatPrefix(),
                        routeTable,
                        FilterDecoder.chain(manager.getHttpFiltersList(), path, notes),
                        manager.hasStreamIdleTimeout()
                                ? Values.limit(manager.getStreamIdleTimeout(), path + ".stream_idle_timeout")
                                : DEFAULT_STREAM_IDLE,
                        Values.limit(manager.getRequestTimeout(), path + ".request_timeout"),
                        ClientRulesDecoder.url(manager),
                        ClientRulesDecoder.client(manager, path, notes)),
                routes);
    }
}
