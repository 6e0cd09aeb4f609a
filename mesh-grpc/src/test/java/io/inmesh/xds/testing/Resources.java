package io.inmesh.xds.testing;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
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
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.List;

/** The usual resources in their shortest form, complete enough for a data plane. */
public final class Resources {
    private static final ConfigSource ADS = ConfigSource.newBuilder()
            .setResourceApiVersion(ApiVersion.V3)
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .build();

    private Resources() {}

    /** A listener on all addresses that gets its routes from ADS. */
    public static Listener listener(String name, int port, String routeTable) {
        return Listener.newBuilder()
                .setName(name)
                .setAddress(address("0.0.0.0", port))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.http_connection_manager")
                                .setTypedConfig(Any.pack(http(routeTable)))))
                .build();
    }

    /** An API listener that gets its routes from ADS. */
    public static Listener apiListener(String name, String routeTable) {
        return Listener.newBuilder()
                .setName(name)
                .setApiListener(ApiListener.newBuilder().setApiListener(Any.pack(http(routeTable))))
                .build();
    }

    /** A route table that sends all requests of some domains to one cluster. */
    public static RouteConfiguration routes(String name, String cluster, String... domains) {
        return RouteConfiguration.newBuilder()
                .setName(name)
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName(cluster)
                        .addAllDomains(List.of(domains))
                        .addRoutes(Route.newBuilder()
                                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                .setRoute(RouteAction.newBuilder().setCluster(cluster))))
                .build();
    }

    /** A cluster that gets its endpoints from ADS. */
    public static Cluster cluster(String name) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ADS))
                .build();
    }

    /** A cluster that gets its endpoints, and the certificate that its connections show, from ADS. */
    public static Cluster tlsCluster(String name, String secret) {
        UpstreamTlsContext tls = UpstreamTlsContext.newBuilder()
                .setSni(name)
                .setCommonTlsContext(CommonTlsContext.newBuilder()
                        .addTlsCertificateSdsSecretConfigs(
                                SdsSecretConfig.newBuilder().setName(secret).setSdsConfig(ADS)))
                .build();
        return cluster(name).toBuilder()
                .setTransportSocket(TransportSocket.newBuilder()
                        .setName("envoy.transport_sockets.tls")
                        .setTypedConfig(Any.pack(tls)))
                .build();
    }

    /** A certificate, whose texts are not looked at before someone makes a connection. */
    public static Secret certificate(String name, String chain, String key) {
        return Secret.newBuilder()
                .setName(name)
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(DataSource.newBuilder().setInlineString(chain))
                        .setPrivateKey(DataSource.newBuilder().setInlineString(key)))
                .build();
    }

    /** Endpoints on loopback. */
    public static ClusterLoadAssignment endpoints(String cluster, int... ports) {
        LocalityLbEndpoints.Builder locality =
                LocalityLbEndpoints.newBuilder().setLoadBalancingWeight(UInt32Value.of(1));
        for (int port : ports) {
            locality.addLbEndpoints(
                    LbEndpoint.newBuilder().setEndpoint(Endpoint.newBuilder().setAddress(address("127.0.0.1", port))));
        }
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(cluster)
                .addEndpoints(locality)
                .build();
    }

    /** The name of a resource of any of the types above. */
    public static String nameOf(Message resource) {
        return (String) resource.getField(resource.getDescriptorForType().findFieldByNumber(1));
    }

    private static HttpConnectionManager http(String routeTable) {
        return HttpConnectionManager.newBuilder()
                .setStatPrefix(routeTable)
                .setRds(Rds.newBuilder().setRouteConfigName(routeTable).setConfigSource(ADS))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
    }

    private static Address address(String host, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(host).setPortValue(port))
                .build();
    }
}
