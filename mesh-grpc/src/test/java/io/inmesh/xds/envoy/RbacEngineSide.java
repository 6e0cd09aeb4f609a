package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStep;
import io.inmesh.model.Rbac;
import io.inmesh.model.RouteTable;
import io.inmesh.security.RbacFilter;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.testing.HeadStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Asks the engine: the decoder and the RBAC filter, as a request that comes in uses them. */
final class RbacEngineSide {
    private static final Rbac OF_CHAIN = new Rbac(null, null, "r_", "s_", false);

    private final List<io.inmesh.model.Route> routes;
    private final List<RbacFilter> filters;
    private final Map<String, Object> metadata;

    RbacEngineSide(RouteConfiguration table, Struct metadata) {
        routes = decode(table).virtualHosts().get(0).routes();
        filters = routes.stream()
                .map(route -> Objects.requireNonNull(route.rules().filters().get(RbacEnvoy.FILTER)))
                .map(override -> new RbacFilter((Rbac) Objects.requireNonNull(override.config()), OF_CHAIN))
                .toList();
        this.metadata = Objects.requireNonNull(decode(RouteConfiguration.newBuilder()
                        .setName("metadata")
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName("v")
                                .addDomains("*")
                                .addRoutes(Route.newBuilder()
                                        .setMatch(io.envoyproxy.envoy.config.route.v3.RouteMatch.newBuilder()
                                                .setPrefix("/"))
                                        .setDirectResponse(
                                                io.envoyproxy.envoy.config.route.v3.DirectResponseAction.newBuilder()
                                                        .setStatus(200))
                                        .setMetadata(Metadata.newBuilder().putFilterMetadata("m", metadata))))
                        .build())
                .virtualHosts()
                .get(0)
                .routes()
                .get(0)
                .metadata()
                .get("m"));
    }

    private static RouteTable decode(RouteConfiguration table) {
        Decoded<RouteTable> decoded = ResourceDecoder.routeTable(table.getName(), Any.pack(table));
        if (!(decoded instanceof Decoded.Accepted<RouteTable> accepted)) {
            throw new AssertionError("Envoy accepts what the decoder does not: " + decoded);
        }
        if (!accepted.unsupported().isEmpty()) {
            throw new AssertionError("not supported: " + accepted.unsupported());
        }
        return accepted.value();
    }

    RbacOutcome ask(int route, DownstreamConnection connection, RequestHead head) {
        StreamInfo info = new StreamInfo();
        info.downstream(connection);
        String forwarded = head.headers().get("x-forwarded-for");
        if (forwarded != null) {
            // Whoever trusts one proxy takes what that one wrote, the last address.
            IpAddress address = IpAddress.parse(
                    forwarded.substring(forwarded.lastIndexOf(',') + 1).strip());
            if (address != null) {
                info.remoteAddress(address);
            }
        }
        metadata.forEach((key, value) -> info.putDynamicMetadata("m", key, value));
        info.putFilterState("who", "web");
        info.route(routes.get(route).name(), routes.get(route).metadata(), Map.of());
        FilterStep step = filters.get(route).onRequest(new HeadStream(head, info));
        LocalReply reply = step instanceof FilterStep.Reply given ? given.reply() : null;
        return RbacOutcome.of(reply, info);
    }
}
