package io.inmesh.samples.kuma;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.samples.kuma.recorded.Authority;
import io.inmesh.samples.kuma.recorded.Habits;
import io.inmesh.samples.kuma.recorded.Managers;
import io.inmesh.samples.kuma.recorded.ProxyConfiguration;
import io.inmesh.samples.kuma.recorded.RecordedControlPlane;
import io.inmesh.samples.kuma.recorded.Recording;
import io.inmesh.samples.kuma.recorded.ResourceType;
import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.kuma.KumaSource;
import io.inmesh.xds.kuma.KumaSourceBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The mesh {@code shop} as kuma-cp 2.14.3 sent it to a proxy of web and to one of orders, with identities of an authority of its own. What an operator would change is
 * changed in those resources, in the way in which kuma-cp changes them.
 */
final class RecordedMesh implements ControlPlane {
    private static final String IDENTITY = "kri_mid_shop_zone-1__identity_";
    private static final String TRUST = "system_trust_bundle";
    private static final String ROUTES_OF_ORDERS = "outbound:241.0.0.4:18080";
    private static final String V1 = "shop_orders-v1__zone-1_msvc_18080";
    private static final String V2 = "shop_orders-v2__zone-1_msvc_18080";
    private static final String RECORDED_ADDRESS = "127.0.1.2";
    private static final Duration SETTLING = Duration.ofMillis(800);

    private final RecordedControlPlane server;
    private final Authority authority;
    private final Set<String> withdrawn = new HashSet<>();

    private RecordedMesh(RecordedControlPlane server, Authority authority) {
        this.server = server;
        this.authority = authority;
    }

    static RecordedMesh start(Habits habits) throws Exception {
        RecordedMesh mesh = new RecordedMesh(new RecordedControlPlane(habits), new Authority(TRUST_DOMAIN));
        mesh.serveAll();
        mesh.server.start();
        return mesh;
    }

    RecordedControlPlane server() {
        return server;
    }

    @Override
    public String description() {
        return "a recording of kuma-cp 2.14.3 at " + server.address();
    }

    @Override
    public KumaSourceBuilder source(Workload workload) throws Exception {
        String pin = server.pin();
        return KumaSource.builder()
                .controlPlane(server.address())
                .tls(tls -> tls.pinCertificate(pin))
                .mesh(MESH)
                .dataplane(workload.name())
                .workload(workload.service());
    }

    /** What a proxy of a client is sent. */
    ProxyConfiguration client() throws IOException {
        // What was recorded is a proxy that serves, too; nobody calls it here. Its MeshCircuitBreaker allows four
        // requests at a time, its MeshTimeout three seconds and
        // its MeshRetry half a second for each try: too little for a machine that has other things to do.
        ProxyConfiguration wider = Recording.of("mesh-identity/web");
        for (String cluster : List.of(V1, V2)) {
            wider = wider.change(ResourceType.CLUSTER, cluster, Cluster.class, each -> each.toBuilder()
                    .clearCircuitBreakers()
                    .build());
        }
        return wider.change(
                ResourceType.LISTENER,
                ROUTES_OF_ORDERS,
                Listener.class,
                listener -> Managers.change(listener, manager -> patient(manager.getRouteConfigBuilder())));
    }

    private static void patient(RouteConfiguration.Builder table) {
        for (VirtualHost.Builder host : table.getVirtualHostsBuilderList()) {
            for (Route.Builder route : host.getRoutesBuilderList()) {
                route.getRouteBuilder().setTimeout(Durations.fromSeconds(15));
                route.getRouteBuilder().getRetryPolicyBuilder().clearPerTryTimeout();
            }
        }
    }

    /** What a proxy of orders is sent: the recorded one, at its own address. */
    ProxyConfiguration orders(Workload instance) throws IOException {
        return at(instance, Recording.of("mesh-identity/orders"), RECORDED_ADDRESS)
                .change(
                        ResourceType.LISTENER,
                        inbound(instance.address()),
                        Listener.class,
                        RecordedMesh::withoutLimits);
    }

    /** What was recorded of a server, for an instance with another address. */
    static ProxyConfiguration at(Workload instance, ProxyConfiguration recorded, String recordedAddress) {
        String name = inbound(recordedAddress);
        Listener.Builder listener = recorded.get(ResourceType.LISTENER, name, Listener.class).toBuilder();
        Address.Builder address = listener.getAddressBuilder();
        SocketAddress.Builder socket = address.getSocketAddressBuilder().setAddress(instance.address());
        listener.setAddress(address.setSocketAddress(socket)).setName(inbound(instance.address()));
        return recorded.keep(ResourceType.LISTENER, each -> !each.equals(name))
                .with(ResourceType.LISTENER, listener.getName(), listener.build());
    }

    private static String inbound(String address) {
        return "inbound:" + address + ":" + Workload.PORT;
    }

    /**
     * As if the MeshRateLimit and the MeshFaultInjection of the recorded mesh were not there. This library has neither yet, and a server that cannot keep a limit refuses
     * its connections rather than serve without it.
     */
    private static Listener withoutLimits(Listener recorded) {
        return Managers.change(recorded, manager -> {
            List<HttpFilter> kept = manager.getHttpFiltersList().stream()
                    .filter(each -> !each.getName().equals("envoy.filters.http.local_ratelimit")
                            && !each.getName().startsWith("kri_mfi_"))
                    .toList();
            manager.clearHttpFilters().addAllHttpFilters(kept);
        });
    }

    private void serveAll() throws IOException {
        for (Workload each : Workload.ORDERS) {
            server.serve(each.nodeId(), orders(each), () -> identity(each));
        }
        // A new mesh: services have their addresses and host names some seconds after their first instance.
        ProxyConfiguration complete = client();
        ProxyConfiguration unsettled = complete.keep(ResourceType.LISTENER, each -> !each.startsWith("outbound:241."))
                .keep(ResourceType.CLUSTER, each -> !each.startsWith("shop_"))
                .keep(ResourceType.ENDPOINTS, each -> false);
        for (Workload each : List.of(Workload.WEB, Workload.LEGACY)) {
            server.serve(each.nodeId(), unsettled, () -> identity(each));
        }
        server.later(SETTLING, () -> clients(unused -> complete));
    }

    List<Secret> identity(Workload workload) {
        try {
            return List.of(
                    authority.identity(IDENTITY, workload.spiffeId()), authority.trustBundle(TRUST, TRUST_DOMAIN));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void canary(int v1, int v2) {
        clients(each -> each.change(
                ResourceType.LISTENER,
                ROUTES_OF_ORDERS,
                Listener.class,
                listener -> Managers.change(listener, manager -> weigh(manager.getRouteConfigBuilder(), v1, v2))));
    }

    private static void weigh(RouteConfiguration.Builder table, int v1, int v2) {
        for (VirtualHost.Builder host : table.getVirtualHostsBuilderList()) {
            for (Route.Builder route : host.getRoutesBuilderList()) {
                for (ClusterWeight.Builder weight : weights(route)) {
                    weight.getWeightBuilder().setValue(weight.getName().contains("orders-v1") ? v1 : v2);
                }
            }
        }
    }

    private static List<ClusterWeight.Builder> weights(Route.Builder route) {
        return route.getRoute().hasWeightedClusters()
                ? route.getRouteBuilder().getWeightedClustersBuilder().getClustersBuilderList()
                : List.of();
    }

    @Override
    public void state(Workload instance, State state) throws IOException {
        if (state == State.READY) {
            withdrawn.remove(instance.address());
        } else {
            withdrawn.add(instance.address());
        }
        ProxyConfiguration recorded = client();
        clients(each -> {
            ProxyConfiguration changed = each;
            for (String cluster : List.of(V1, V2)) {
                changed = changed.with(
                        ResourceType.ENDPOINTS,
                        cluster,
                        present(recorded.get(ResourceType.ENDPOINTS, cluster, ClusterLoadAssignment.class)));
            }
            return changed;
        });
    }

    private ClusterLoadAssignment present(ClusterLoadAssignment recorded) {
        ClusterLoadAssignment.Builder changed = recorded.toBuilder();
        changed.getEndpointsBuilderList().forEach(locality -> {
            List<LbEndpoint> present = locality.getLbEndpointsList().stream()
                    .filter(each -> !withdrawn.contains(
                            each.getEndpoint().getAddress().getSocketAddress().getAddress()))
                    .toList();
            locality.clearLbEndpoints().addAllLbEndpoints(present);
        });
        return changed.build();
    }

    /** The recorded MeshTrafficPermission denies {@code legacy}. Another name of the same length leaves all lengths in the message as they are. */
    @Override
    public void legacyMayCall(boolean allowed) {
        String from = allowed ? "workload/legacy" : "workload/nobody";
        String to = allowed ? "workload/nobody" : "workload/legacy";
        for (Workload each : Workload.ORDERS) {
            server.change(
                    each.nodeId(),
                    served -> served.change(
                            ResourceType.LISTENER,
                            inbound(each.address()),
                            Listener.class,
                            body -> renamed(body, from, to)));
        }
    }

    private static Listener renamed(Listener listener, String from, String to) {
        String bytes = new String(listener.toByteArray(), StandardCharsets.ISO_8859_1).replace(from, to);
        try {
            return Listener.parseFrom(ByteString.copyFrom(bytes, StandardCharsets.ISO_8859_1));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void outage(Outage during) throws Exception {
        server.stop();
        during.watch();
        server.start();
    }

    private void clients(UnaryOperator<ProxyConfiguration> change) {
        server.change(Workload.WEB.nodeId(), change);
        server.change(Workload.LEGACY.nodeId(), change);
    }

    @Override
    public void close() {
        server.close();
    }
}
