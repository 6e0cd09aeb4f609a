package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.model.RouteTable;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code HttpConnectionManager}, in either direction. */
final class ConnectionManagerDecoder {
    static final HttpConnectionManager TYPE = HttpConnectionManager.getDefaultInstance();

    private static final Duration DEFAULT_STREAM_IDLE = Duration.ofMinutes(5);

    private static final Set<String> DECIDING = Set.of(
            "original_ip_detection_extensions",
            "early_header_mutation_extensions",
            "path_normalization_options",
            "forward_client_cert_matcher");

    /** Younger than the messages that this is compiled against. */
    private static final int FORWARD_CLIENT_CERT_MATCHER = 60;

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
        return decode(Values.unpack(any, TYPE, path, notes), path, tablePrefix, notes, refusal);
    }

    /** The same at a server, where what decides who a request is from, or what of it policies see, must not be passed over. */
    static @Nullable Managed atServer(Any any, String path, String tablePrefix, Notes notes, Refusal refusal) {
        HttpConnectionManager manager = Values.unpack(any, TYPE, path, notes);
        for (FieldDescriptor field : TYPE.getDescriptorForType().getFields()) {
            boolean set = field.isRepeated()
                    ? manager.getRepeatedFieldCount(field) > 0
                    : field.hasPresence() && manager.hasField(field);
            if (set && DECIDING.contains(field.getName())) {
                refuse(refusal, Paths.child(path, field.getName()));
            }
        }
        if (manager.getUnknownFields().hasField(FORWARD_CLIENT_CERT_MATCHER)) {
            refuse(refusal, path + ".forward_client_cert_matcher");
        }
        return decode(manager, path, tablePrefix, notes, refusal);
    }

    private static void refuse(Refusal refusal, String path) {
        refusal.because(path + ": is not supported, and decides what policies see of a request");
    }

    private static @Nullable Managed decode(
            HttpConnectionManager manager, String path, String tablePrefix, Notes notes, Refusal refusal) {
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
