package io.inmesh.xds.kuma;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.XdsSourceBuilder;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Habits;
import io.inmesh.xds.protocol.XdsTransport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Describes a {@link KumaSource}. Not thread-safe. */
public final class KumaSourceBuilder {
    private final List<String> addresses = new ArrayList<>();
    private @Nullable String environmentsAddress;
    private @Nullable Consumer<ControlPlaneTls> environmentsTrust;
    private final List<XdsServer> servers = new ArrayList<>();
    private final List<Consumer<ControlPlaneTls>> protections = new ArrayList<>();
    private final Set<String> features = new LinkedHashSet<>();
    private @Nullable String mesh;
    private @Nullable String dataplane;
    private @Nullable String workload;
    private @Nullable BroughtDataplane brought;
    private @Nullable Path tokenFile;
    private @Nullable String token;
    private int dnsPort = 15053;
    private XdsTransport transport = XdsTransport.INCREMENTAL;
    private boolean passthrough;
    private AdsSettings settings = AdsSettings.DEFAULT;
    private RandomGenerator random = new Random();

    KumaSourceBuilder() {}

    /**
     * Where kuma-cp's data plane server is, {@code https://host:5678} or {@code host:5678}; always behind TLS. Called again, it adds one for fail-over; what an
     * environment said is given up.
     */
    public KumaSourceBuilder controlPlane(String address) {
        addresses.add(DataplaneServer.target(address));
        return this;
    }

    /** What counts unless a control plane is named. */
    void environmentsControlPlane(String address) {
        environmentsAddress = DataplaneServer.target(address);
    }

    /** A kuma-cp that is described as any control plane is, whatever its protection; {@link #tls} and {@link #token} are not for it. */
    public KumaSourceBuilder server(XdsServer server) {
        servers.add(server);
        return this;
    }

    /**
     * Whom to believe to be kuma-cp: roots, the system's roots, or, for the certificate that it makes itself, the pin of its key or of itself. Without any, kuma-cp is
     * not dialled. Called again, it goes on with the same description.
     */
    public KumaSourceBuilder tls(Consumer<ControlPlaneTls> description) {
        protections.add(description);
        return this;
    }

    /** Whom to believe unless somebody says otherwise. */
    void environmentsTrust(Consumer<ControlPlaneTls> description) {
        environmentsTrust = description;
    }

    /** The mesh; {@code default} unless said otherwise. */
    public KumaSourceBuilder mesh(String name) {
        mesh = name;
        return this;
    }

    /** The name of this process's Dataplane; on Kubernetes {@code POD.NAMESPACE}. */
    public KumaSourceBuilder dataplane(String name) {
        dataplane = name;
        return this;
    }

    /** The workload of this process, as the label {@code kuma.io/workload} of its Dataplane says; only for others to see. */
    public KumaSourceBuilder workload(String name) {
        workload = name;
        return this;
    }

    /**
     * The data plane token, in a file that is read anew for each stream: one made by {@code kumactl generate dataplane-token}, or a service account's on
     * Kubernetes.
     */
    public KumaSourceBuilder token(Path file) {
        tokenFile = file;
        token = null;
        return this;
    }

    /** The data plane token itself. It is never renewed; a {@linkplain #token(Path) file} can be. */
    public KumaSourceBuilder token(String text) {
        token = text;
        tokenFile = null;
        return this;
    }

    /** Brings a Dataplane along, for as long as the stream lives: for throw-away workloads. Mesh, name and workload are taken from it. */
    public KumaSourceBuilder register(KumaDataplane registered) {
        brought = BroughtDataplane.of(registered);
        return this;
    }

    /**
     * As {@link #register(KumaDataplane)}, in YAML or JSON.
     *
     * @throws IllegalArgumentException if it names no mesh and name
     */
    public KumaSourceBuilder register(String resource) {
        brought = BroughtDataplane.read(resource);
        return this;
    }

    /** The port at which kuma-cp believes a DNS server of this process to be, without which it sends no host names; 15053. Nothing listens there. */
    public KumaSourceBuilder dnsPort(int port) {
        dnsPort = port;
        return this;
    }

    /**
     * Says that this process has one of the features that kuma-cp knows, such as {@code feature-unified-resource-naming}. None unless said otherwise: most of them mean
     * files and sockets of kuma-dp.
     */
    public KumaSourceBuilder feature(String feature) {
        features.add(feature);
        return this;
    }

    /**
     * What to ask for first: incremental, which every kuma-cp has. Kuma 3 accepts state of the world and never answers; after the time that resources have it is asked
     * incrementally.
     */
    public KumaSourceBuilder transport(XdsTransport first) {
        transport = first;
        return this;
    }

    /** Lets destinations that the mesh does not know go straight to their address, whatever MeshPassthrough says. */
    public KumaSourceBuilder withPassthrough() {
        passthrough = true;
        return this;
    }

    /** Changes waiting times. kuma-cp ends streams that are pinged more often than every 15 s. */
    public KumaSourceBuilder settings(AdsSettings waitingTimes) {
        settings = waitingTimes;
        return this;
    }

    /** Gives the random numbers of back-off; tests give seeded ones. */
    public KumaSourceBuilder random(RandomGenerator generator) {
        random = generator;
        return this;
    }

    /**
     * The source, not yet started.
     *
     * @throws IllegalStateException if the Dataplane has no name or another one than is asked for, if kuma-cp would be believed whoever it is, or if a token would
     *                               travel in the clear
     */
    public KumaSource build() {
        KumaNode node =
                new KumaNode(chosenMesh(), chosenName(), chosenWorkload(), dnsPort, List.copyOf(features), brought);
        XdsSourceBuilder xds = XdsSource.builder()
                .node(node.toNode())
                .dialect(passthrough ? XdsDialect.kuma().withPassthrough() : XdsDialect.kuma())
                .settings(settings)
                .random(random);
        allServers().forEach(xds::server);
        return new KumaSource(xds.build());
    }

    private List<XdsServer> allServers() {
        List<XdsServer> all = new ArrayList<>();
        List<String> targets = addresses.isEmpty() && servers.isEmpty()
                ? List.of(environmentsAddress == null ? DataplaneServer.DEFAULT : environmentsAddress)
                : addresses;
        for (String target : targets) {
            all.add(withToken(XdsServer.tls(target, protection(target))));
        }
        all.addAll(servers);
        return all.stream()
                .map(each -> each.withTransport(transport).withHabits(Habits.KUMA))
                .toList();
    }

    private ControlPlaneTls protection(String target) {
        if (protections.isEmpty() && environmentsTrust == null && !Boolean.getBoolean(ControlPlaneTls.SKIP_VERIFY)) {
            throw new IllegalStateException("kuma-cp at " + target + " cannot be told from anybody else; expected"
                    + " KUMA_CONTROL_PLANE_CA_CERT_FILE or tls(...) with its roots, or with the pin of the certificate"
                    + " that it made itself (inmesh.xds.pin)");
        }
        ControlPlaneTls tls = ControlPlaneTls.to(target);
        protections.forEach(each -> each.accept(tls));
        if (environmentsTrust != null && !tls.trustsSomething()) {
            environmentsTrust.accept(tls);
        }
        return tls;
    }

    private XdsServer withToken(XdsServer server) {
        if (tokenFile != null) {
            return server.withToken(TokenFile.raw(tokenFile));
        }
        // Only ever on a connection behind TLS: all addresses are.
        return token == null ? server : server.withMetadata(Map.of("authorization", token.strip()));
    }

    private String chosenMesh() {
        if (brought != null) {
            return same("mesh", brought.mesh(), mesh);
        }
        return mesh == null ? "default" : mesh;
    }

    private String chosenName() {
        if (brought != null) {
            return same("name", brought.name(), dataplane);
        }
        if (dataplane == null) {
            throw new IllegalStateException("It is not known which Dataplane this process is; expected"
                    + " KUMA_DATAPLANE_NAME, POD_NAME and POD_NAMESPACE, or dataplane(...)");
        }
        return dataplane;
    }

    private @Nullable String chosenWorkload() {
        return workload == null && brought != null ? brought.workload() : workload;
    }

    private static String same(String what, String inResource, @Nullable String told) {
        if (told != null && !told.equals(inResource)) {
            throw new IllegalStateException("The Dataplane that this process brings has the " + what + " '" + inResource
                    + "', but '" + told + "' was asked for; expected one of the two");
        }
        return inResource;
    }
}
