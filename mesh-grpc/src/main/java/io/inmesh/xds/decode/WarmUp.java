package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;

/**
 * Loads the classes that decoding needs, by decoding the smallest resource of each kind. It takes more than half a second of a cold process, which a
 * session spends on its own thread while the first answer of its control plane is on the way, instead of afterwards.
 */
public final class WarmUp {
    private static final String NAME = "warm-up";

    private WarmUp() {}

    /** Loads them. Repeated calls cost next to nothing. */
    public static void loadClasses() {
        decodeAll();
    }

    static List<Decoded<?>> decodeAll() {
        RouteConfiguration routes = RouteConfiguration.newBuilder()
                .setName(NAME)
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName(NAME)
                        .addDomains("*")
                        .addRoutes(Route.newBuilder()
                                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                .setRoute(RouteAction.newBuilder().setCluster(NAME))))
                .build();
        return List.of(
                ResourceDecoder.listener(NAME, received(listener(routes))),
                ResourceDecoder.routeTable(NAME, received(routes)),
                ResourceDecoder.cluster(
                        NAME,
                        received(Cluster.newBuilder()
                                .setName(NAME)
                                .setType(Cluster.DiscoveryType.STATIC)
                                .setLoadAssignment(endpoints())
                                .build())),
                ResourceDecoder.endpoints(NAME, received(endpoints())));
    }

    private static Listener listener(RouteConfiguration routes) {
        HttpConnectionManager http = HttpConnectionManager.newBuilder()
                .setStatPrefix(NAME)
                .setRouteConfig(routes)
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        return Listener.newBuilder()
                .setName(NAME)
                .setAddress(address())
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.http_connection_manager")
                                .setTypedConfig(Any.pack(http))))
                .build();
    }

    private static ClusterLoadAssignment endpoints() {
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(NAME)
                .addEndpoints(LocalityLbEndpoints.newBuilder()
                        .setLoadBalancingWeight(UInt32Value.of(1))
                        .addLbEndpoints(LbEndpoint.newBuilder()
                                .setEndpoint(Endpoint.newBuilder().setAddress(address()))))
                .build();
    }

    private static Address address() {
        return Address.newBuilder()
                .setSocketAddress(
                        SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(1))
                .build();
    }

    /** As it comes over the wire; an {@code Any} that was just packed may keep its message and not be parsed at all. */
    private static Any received(Message message) {
        Any packed = Any.pack(message);
        return Any.newBuilder()
                .setTypeUrl(packed.getTypeUrl())
                .setValue(ByteString.copyFrom(packed.getValue().toByteArray()))
                .build();
    }
}
