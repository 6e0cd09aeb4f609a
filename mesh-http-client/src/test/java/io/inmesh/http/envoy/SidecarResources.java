package io.inmesh.http.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.inmesh.http.envoy.Sidecar.Caller;
import io.inmesh.xds.envoy.EnvoyProcess;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * The recorded resources of a sidecar with what has to be another in a test: addresses and ports, where secrets come from, and for Envoy as it is published, what exists in
 * Istio's build of it only.
 */
final class SidecarResources {
    private static final String OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    /** What Envoy does not know, and of Kuma a filter that injects faults by chance. */
    private static final Set<String> LEFT_OUT = Set.of(
            "udpa.type.v1.TypedStruct",
            "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig",
            "envoy.extensions.common.matching.v3.ExtensionWithMatcher");

    /** Whether they are for Envoy, and not for this mesh. */
    private final boolean forEnvoy;

    SidecarResources(boolean forEnvoy) {
        this.forEnvoy = forEnvoy;
    }

    static String clusterName(Sidecar sidecar, Caller caller, int version, String host) {
        return String.join("-", sidecar.name(), caller.name(), "h" + version, host)
                .toLowerCase(Locale.ROOT);
    }

    /** The port of the workload. */
    Listener inbound(Sidecar sidecar, int port) throws IOException {
        Listener.Builder listener = Listener.parseFrom(recorded(sidecar.listener)).toBuilder();
        listener.setName("inbound-" + sidecar)
                .setAddress(EnvoyProcess.loopback(port))
                .setTrafficDirection(TrafficDirection.INBOUND)
                // No connection is redirected here.
                .clearUseOriginalDst()
                .clearBindToPort()
                .clearAccessLog();
        List<ListenerFilter> inspectors = listener.getListenerFiltersList().stream()
                .filter(filter -> !filter.getTypedConfig().is(OriginalDst.class))
                .toList();
        listener.clearListenerFilters();
        // Their conditions speak of a port that is another here.
        inspectors.forEach(
                filter -> listener.addListenerFilters(filter.toBuilder().clearFilterDisabled()));
        if (forEnvoy && listener.getListenerFiltersCount() == 0) {
            // Without it Envoy does not know the server name, and this test's application is told it.
            listener.addListenerFilters(ListenerFilter.newBuilder()
                    .setName("envoy.filters.listener.tls_inspector")
                    .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance())));
        }
        for (FilterChain.Builder chain : listener.getFilterChainsBuilderList()) {
            if (sidecar.recordedPort != 0
                    && chain.getFilterChainMatch().getDestinationPort().getValue() == sidecar.recordedPort) {
                chain.getFilterChainMatchBuilder().getDestinationPortBuilder().setValue(port);
            }
            if (chain.hasTransportSocket()) {
                DownstreamTlsContext.Builder tls =
                        chain.getTransportSocket().getTypedConfig().unpack(DownstreamTlsContext.class).toBuilder();
                secrets(tls.getCommonTlsContextBuilder(), sidecar.family, sidecar.identity);
                chain.getTransportSocketBuilder().setTypedConfig(Any.pack(tls.build()));
            }
            filters(chain, false);
        }
        return listener.build();
    }

    /** The listener of a client with the filters of a recorded one. It sends each request to the cluster that it names. */
    Listener outbound(String recorded, String name, int port) throws IOException {
        Listener.Builder listener = Listener.parseFrom(recorded(recorded)).toBuilder();
        FilterChain.Builder chain = listener.getFilterChains(0).toBuilder().clearFilterChainMatch();
        filters(chain, true);
        return Listener.newBuilder()
                .setName(name)
                .setAddress(EnvoyProcess.loopback(port))
                .setTrafficDirection(TrafficDirection.OUTBOUND)
                .addFilterChains(chain)
                .build();
    }

    private void filters(FilterChain.Builder chain, boolean outbound) throws InvalidProtocolBufferException {
        List<Filter> all = List.copyOf(chain.getFiltersList());
        chain.clearFilters();
        for (Filter filter : all) {
            if (filter.getTypedConfig().is(HttpConnectionManager.class)) {
                HttpConnectionManager manager = filter.getTypedConfig().unpack(HttpConnectionManager.class);
                chain.addFilters(filter.toBuilder().setTypedConfig(Any.pack(manager(manager, outbound))));
            } else if (isKept(filter.getTypedConfig())) {
                chain.addFilters(filter);
            }
        }
    }

    private HttpConnectionManager manager(HttpConnectionManager recorded, boolean outbound) {
        HttpConnectionManager.Builder manager = recorded.toBuilder();
        if (forEnvoy) {
            // Where they go to is not there.
            manager.clearTracing().clearAccessLog();
            manager.clearHttpFilters();
            recorded.getHttpFiltersList().stream()
                    .filter(filter -> isKept(filter.getTypedConfig()))
                    .forEach(manager::addHttpFilters);
        }
        if (outbound) {
            manager.clearRds().setRouteConfig(byHeader());
        } else if (forEnvoy) {
            RouteConfiguration.Builder routes = manager.getRouteConfigBuilder();
            tell(routes, SceneResources.PEER, "%DOWNSTREAM_PEER_URI_SAN%");
            tell(routes, SceneResources.SERVER_NAME, "%REQUESTED_SERVER_NAME%");
            tell(routes, SceneResources.TLS_VERSION, "%DOWNSTREAM_TLS_VERSION%");
        }
        return manager.build();
    }

    private static RouteConfiguration byHeader() {
        return RouteConfiguration.newBuilder()
                .setName("by-header")
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName("all")
                        .addDomains("*")
                        .addRoutes(Route.newBuilder()
                                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                .setRoute(RouteAction.newBuilder().setClusterHeader(SceneResources.TO))
                                .addResponseHeadersToAdd(header(SceneResources.FLAGS, "%RESPONSE_FLAGS%"))))
                .build();
    }

    private static void tell(RouteConfiguration.Builder routes, String name, String value) {
        routes.addRequestHeadersToAdd(header(name, value).toBuilder()
                .setAppendAction(HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD));
    }

    private static HeaderValueOption header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .build();
    }

    /** A client's way to the port, on one of the hosts that have it. */
    Cluster cluster(Sidecar sidecar, Caller caller, int version, String host, int port) throws IOException {
        String name = clusterName(sidecar, caller, version, host);
        Cluster.Builder cluster = Cluster.parseFrom(recorded(sidecar.cluster)).toBuilder();
        cluster.setName(name)
                .setType(Cluster.DiscoveryType.STATIC)
                .clearEdsClusterConfig()
                .setLoadAssignment(ClusterLoadAssignment.newBuilder()
                        .setClusterName(name)
                        .addEndpoints(LocalityLbEndpoints.newBuilder()
                                .addLbEndpoints(endpoint(sidecar, caller, host, port))));
        cluster.putTypedExtensionProtocolOptions(OPTIONS, Any.pack(options(cluster, version)));
        if (forEnvoy) {
            // Labels for TCP; and ejections, which would make one test disturb another.
            cluster.clearFilters();
        }
        cluster.clearOutlierDetection();
        String identity = caller == Caller.OTHER ? sidecar.other : "client";
        if (sidecar.isIstio()) {
            for (Cluster.TransportSocketMatch.Builder match : cluster.getTransportSocketMatchesBuilderList()) {
                if (match.getTransportSocket().getTypedConfig().is(UpstreamTlsContext.class)) {
                    Any socket = match.getTransportSocket().getTypedConfig();
                    match.getTransportSocketBuilder().setTypedConfig(client(socket, sidecar, identity, version));
                }
            }
        } else if (caller == Caller.PLAINTEXT) {
            cluster.clearTransportSocket();
        } else {
            Any socket = cluster.getTransportSocket().getTypedConfig();
            cluster.getTransportSocketBuilder().setTypedConfig(client(socket, sidecar, identity, version));
        }
        return cluster.build();
    }

    private static HttpProtocolOptions options(Cluster.Builder cluster, int version)
            throws InvalidProtocolBufferException {
        Any recorded = cluster.getTypedExtensionProtocolOptionsMap().get(OPTIONS);
        HttpProtocolOptions.Builder options = recorded == null
                ? HttpProtocolOptions.newBuilder()
                : recorded.unpack(HttpProtocolOptions.class).toBuilder();
        HttpProtocolOptions.ExplicitHttpConfig.Builder http = HttpProtocolOptions.ExplicitHttpConfig.newBuilder();
        return options.setExplicitHttpConfig(
                        version == 1
                                ? http.setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                                : http.setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
                .build();
    }

    /** As {@code mtls_checker} of istiod: an endpoint whose workload takes mutual TLS says so. */
    private static LbEndpoint endpoint(Sidecar sidecar, Caller caller, String host, int port) {
        LbEndpoint.Builder endpoint = LbEndpoint.newBuilder();
        endpoint.getEndpointBuilder()
                .getAddressBuilder()
                .getSocketAddressBuilder()
                .setAddress(host)
                .setPortValue(port);
        if (sidecar.isIstio() && caller != Caller.PLAINTEXT) {
            endpoint.getMetadataBuilder()
                    .putFilterMetadata(
                            "envoy.transport_socket_match",
                            Struct.newBuilder()
                                    .putFields(
                                            "tlsMode",
                                            Value.newBuilder()
                                                    .setStringValue("istio")
                                                    .build())
                                    .build());
        }
        return endpoint.build();
    }

    private Any client(Any recorded, Sidecar sidecar, String identity, int version)
            throws InvalidProtocolBufferException {
        UpstreamTlsContext.Builder tls = recorded.unpack(UpstreamTlsContext.class).toBuilder();
        secrets(tls.getCommonTlsContextBuilder(), sidecar.family, identity);
        if (forEnvoy && sidecar.isIstio()) {
            // What istio.alpn makes of it, which Envoy does not have.
            tls.getCommonTlsContextBuilder()
                    .clearAlpnProtocols()
                    .addAllAlpnProtocols(
                            version == 1
                                    ? List.of("istio-http/1.1", "istio", "http/1.1")
                                    : List.of("istio-h2", "istio", "h2"));
        }
        return Any.pack(tls.build());
    }

    private void secrets(CommonTlsContext.Builder tls, MeshFamily family, String identity) {
        tls.clearTlsCertificateSdsSecretConfigs().addTlsCertificateSdsSecretConfigs(secret(family, identity));
        tls.getCombinedValidationContextBuilder().setValidationContextSdsSecretConfig(secret(family, "roots"));
    }

    private SdsSecretConfig secret(MeshFamily family, String what) {
        SdsSecretConfig.Builder config = SdsSecretConfig.newBuilder().setName(Credentials.name(family, what));
        if (!forEnvoy) {
            config.getSdsConfigBuilder().getAdsBuilder();
        }
        return config.build();
    }

    private boolean isKept(Any config) {
        String type = config.getTypeUrl().substring(config.getTypeUrl().lastIndexOf('/') + 1);
        return !forEnvoy || !LEFT_OUT.contains(type);
    }

    private static ByteString recorded(String file) throws IOException {
        String name = "/recordings/" + file + ".pb";
        try (InputStream in = Objects.requireNonNull(EnvoyProcess.class.getResourceAsStream(name), name)) {
            return Any.parseFrom(in).getValue();
        }
    }
}
