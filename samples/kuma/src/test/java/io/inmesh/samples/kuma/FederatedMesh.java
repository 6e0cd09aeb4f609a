package io.inmesh.samples.kuma;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.xds.kuma.KumaDataplane;
import io.inmesh.xds.kuma.KumaDataplane.Inbound;
import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.protocol.XdsTransport;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A mesh in both zones of a federation: an {@code orders} in each, callers in the first one, an ingress before the second one and an egress for the first one. Its
 * identities are either of a CA of kuma-cp's, and its zone proxies are a ZoneIngress and a ZoneEgress; or they are of a MeshIdentity, and the zone proxies belong to
 * the mesh and are in Dataplanes.
 */
final class FederatedMesh implements AutoCloseable {
    static final String REMOTE = "http://orders.svc." + LiveZones.ZONE_TWO + ".mesh.local:18080";
    static final String BOTH = "http://orders.mzsvc.mesh.local:18080";
    static final String PLAIN = "http://plain.extsvc.mesh.local";
    static final String SECURE = "http://secure.extsvc.mesh.local:8443";

    static final String INGRESS = "ingress";
    static final String EGRESS = "egress";

    private static final String NAMED_ORDERS =
            "{\"meshService\":{\"matchLabels\":{\"kuma.io/display-name\":\"orders\"}}}";

    private final LiveZones zones;
    private final String name;
    private final boolean builtin;
    private final String network;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Map<String, ZoneProxy> proxies = new HashMap<>();
    private final Map<XdsTransport, MeshHttpClient> callers = new EnumMap<>(XdsTransport.class);

    private FederatedMesh(LiveZones zones, String name, boolean builtin, String network) {
        this.zones = zones;
        this.name = name;
        this.builtin = builtin;
        this.network = network;
    }

    static FederatedMesh builtin(LiveZones zones, OutsideServer outside) throws Exception {
        return new FederatedMesh(zones, "federated", true, "127.0.4.").start(outside);
    }

    static FederatedMesh identity(LiveZones zones, OutsideServer outside) throws Exception {
        return new FederatedMesh(zones, "federated-ids", false, "127.0.5.").start(outside);
    }

    private FederatedMesh start(OutsideServer outside) throws Exception {
        try {
            tellGlobal(outside);
            zones.one().await("meshes/" + name + "/meshexternalservices", found -> found.contains("secure"));
            zones.two().await("meshes/" + name + "/meshmultizoneservices", found -> found.contains("orders"));
            if (!builtin) {
                zones.one().awaitIdentities(name);
                zones.two().awaitIdentities(name);
            }
            zones.two().dataplane(orders(LiveZones.ZONE_TWO, State.READY));
            tellZoneOne();
            startProxies();
            serve(zones.one(), LiveZones.ZONE_ONE);
            serve(zones.two(), LiveZones.ZONE_TWO);
            return this;
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private void tellGlobal(OutsideServer outside) throws Exception {
        LiveKuma global = zones.global();
        if (builtin) {
            global.builtinMesh(name, "Exclusive");
        } else {
            global.identities(name);
        }
        global.policy(
                name,
                "meshmultizoneservices",
                "MeshMultiZoneService",
                "orders",
                "\"selector\":" + NAMED_ORDERS
                        + ",\"ports\":[{\"name\":\"http\",\"port\":18080,\"appProtocol\":\"http\"}]");
        external("plain", 80, outside.port(), "");
        external(
                "secure",
                8443,
                outside.securePort(),
                ",\"tls\":{\"enabled\":true,\"verification\":{\"serverName\":\"" + OutsideServer.NAME
                        + "\",\"caCert\":{\"inlineString\":\""
                        + outside.root().replace("\r", "").replace("\n", "\\n")
                        + "\"}}}");
    }

    private void external(String service, int port, int outside, String tls) throws Exception {
        zones.global()
                .policy(
                        name,
                        "meshexternalservices",
                        "MeshExternalService",
                        service,
                        "\"match\":{\"type\":\"HostnameGenerator\",\"port\":" + port
                                + ",\"protocol\":\"http\"},\"endpoints\":[{\"address\":\"" + OutsideServer.ADDRESS
                                + "\",\"port\":" + outside + "}]" + tls);
    }

    /** Those who call come last, when there is an address for each host name. */
    void tellZoneOne() throws Exception {
        LiveKuma one = zones.one();
        one.dataplane(orders(LiveZones.ZONE_ONE, State.READY));
        one.await(
                "meshes/" + name + "/meshmultizoneservices",
                found -> found.contains("\"vips\"") && found.contains(LiveZones.ZONE_TWO));
        for (XdsTransport each : XdsTransport.values()) {
            one.dataplane(dataplane(caller(each)).build());
        }
    }

    private void startProxies() throws Exception {
        int ingressAdmin = KumaCp.freePort();
        int egressAdmin = KumaCp.freePort();
        int ingressPort = KumaCp.freePort();
        String ingressAddress = network + "20";
        String egressListener = "\"address\":\"" + network + "30\",\"port\":" + KumaCp.freePort();
        if (builtin) {
            zones.two()
                    .rest()
                    .put(
                            "zoneingresses/ingress",
                            "{\"type\":\"ZoneIngress\",\"name\":\"ingress\",\"networking\":{\"address\":\""
                                    + ingressAddress + "\",\"port\":" + ingressPort + ",\"advertisedAddress\":\""
                                    + ingressAddress + "\",\"advertisedPort\":" + ingressPort + ","
                                    + admin(ingressAdmin) + "}}");
            zones.one()
                    .rest()
                    .put(
                            "zoneegresses/egress",
                            "{\"type\":\"ZoneEgress\",\"name\":\"egress\",\"networking\":{" + egressListener + ","
                                    + admin(egressAdmin) + "}}");
            proxies.put(INGRESS, opened(ZoneProxy.start(zones.two(), "ingress", "", "ingress", ingressAdmin)));
            proxies.put(EGRESS, opened(ZoneProxy.start(zones.one(), "egress", "", "egress", egressAdmin)));
        } else {
            zoneProxy(
                    zones.two(),
                    ingressAddress,
                    "\"type\":\"ZoneIngress\",\"address\":\"" + ingressAddress + "\",\"port\":" + ingressPort,
                    ingressAdmin);
            zones.two()
                    .put(
                            name,
                            "meshzoneaddresses",
                            "MeshZoneAddress",
                            "ingress",
                            "\"labels\":{\"kuma.io/origin\":\"zone\"},\"spec\":{\"address\":\"" + ingressAddress
                                    + "\",\"port\":" + ingressPort + "}");
            zoneProxy(zones.one(), network + "30", "\"type\":\"ZoneEgress\"," + egressListener, egressAdmin);
            proxies.put(INGRESS, opened(ZoneProxy.start(zones.two(), "dataplane", name, "zone-proxy", ingressAdmin)));
            proxies.put(EGRESS, opened(ZoneProxy.start(zones.one(), "dataplane", name, "zone-proxy", egressAdmin)));
        }
    }

    private void zoneProxy(LiveKuma zone, String address, String listener, int admin) throws Exception {
        zone.put(
                name,
                "dataplanes",
                "Dataplane",
                "zone-proxy",
                "\"labels\":{\"kuma.io/workload\":\"zone-proxy\"},\"networking\":{\"address\":\"" + address
                        + "\",\"listeners\":[{\"name\":\"zone\"," + listener + "}]," + admin(admin) + "}");
    }

    private static String admin(int port) {
        return "\"admin\":{\"port\":" + port + "}";
    }

    /** A zone trusts its own workloads only, until somebody hands on what the others' MeshIdentity has made. */
    void trustEachOther() throws Exception {
        LiveKuma global = zones.global();
        String found = global.await(
                "meshes/" + name + "/meshtrusts",
                trusts -> trusts.contains(trustDomain(LiveZones.ZONE_ONE))
                        && trusts.contains(trustDomain(LiveZones.ZONE_TWO)));
        for (JsonElement each : JsonParser.parseString(found).getAsJsonObject().getAsJsonArray("items")) {
            JsonObject trust = each.getAsJsonObject();
            String zone = trust.getAsJsonObject("labels").get("kuma.io/zone").getAsString();
            global.put(name, "meshtrusts", "MeshTrust", zone, "\"spec\":" + trust.get("spec"));
        }
    }

    /** Says that an orders is ready, or that it is not. */
    void state(String zone, State state) throws Exception {
        (zone.equals(LiveZones.ZONE_ONE) ? zones.one() : zones.two()).dataplane(orders(zone, state));
    }

    private void serve(LiveKuma kuma, String zone) throws Exception {
        Workload orders = instance(zone);
        Member member =
                opened(Member.join(orders, kuma.source(name, orders.name()).build()));
        opened(OrdersServer.start(member, new TestApplication(zone)));
    }

    /** The caller in the first zone that is configured by this transport: there is one stream a node, and so one of each. */
    MeshHttpClient web(XdsTransport transport) throws Exception {
        MeshHttpClient known = callers.get(transport);
        if (known != null) {
            return known;
        }
        Workload caller = caller(transport);
        Member member = opened(Member.join(
                caller,
                zones.one().source(name, caller.name()).transport(transport).build()));
        member.awaitReady();
        MeshHttpClient client = MeshHttpClient.newBuilder(member.mesh())
                .meshTls(member.tls())
                .eventLoops(1)
                .build();
        open.push(client::shutdownNow);
        callers.put(transport, client);
        return client;
    }

    /** How many connections the proxy of this name has made. */
    long connections(String proxy) throws IOException, InterruptedException {
        return Objects.requireNonNull(proxies.get(proxy)).connectionsMade();
    }

    /** Whom an orders knows its caller as. */
    String callerName() {
        return builtin ? "spiffe://" + name + "/web" : "spiffe://" + trustDomain(LiveZones.ZONE_ONE) + "/workload/web";
    }

    private String trustDomain(String zone) {
        return name + "." + zone + ".mesh.local";
    }

    private Workload caller(XdsTransport transport) {
        return new Workload(
                "web-" + transport.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                "web",
                "v1",
                network + (transport == XdsTransport.INCREMENTAL ? 9 : 10),
                false);
    }

    private Workload instance(String zone) {
        return new Workload("orders-1", "orders", "v1", network + (zone.equals(LiveZones.ZONE_ONE) ? 2 : 3), true);
    }

    private KumaDataplane orders(String zone, State state) {
        return dataplane(instance(zone))
                .inbound(new Inbound(Workload.PORT, "http", "http"))
                .build()
                .in(state);
    }

    private KumaDataplane.Builder dataplane(Workload workload) {
        return KumaDataplane.builder(name, workload.name(), workload.address())
                .workload(workload.service())
                .tag("kuma.io/service", workload.service());
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable each : List.copyOf(open)) {
            try {
                each.close();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
        open.clear();
    }
}
