package io.inmesh.samples.kuma;

import io.inmesh.samples.kuma.recorded.Authority;
import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.kuma.KumaRegistration;
import io.inmesh.xds.kuma.KumaRest;
import io.inmesh.xds.kuma.KumaSource;
import io.inmesh.xds.kuma.KumaSourceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A kuma-cp 2.14 or 3.0 as it is. It has its memory only, so that after an outage it must be told everything again, in an order that shows nobody a half-finished mesh:
 * a proxy whose Dataplane is missing keeps what it has.
 */
final class LiveControlPlane implements ControlPlane {
    private final KumaCp process;
    private final String version;
    private final Path tokens;
    private final String pin;
    private final MeshResources resources;
    private final Map<String, KumaRegistration> registrations = new LinkedHashMap<>();

    private LiveControlPlane(KumaCp process, Path folder) throws Exception {
        this.process = process;
        this.version = process.version();
        this.tokens = Files.createDirectories(folder.resolve("tokens"));
        this.pin = process.pin();
        this.resources = new MeshResources(process.rest(), new Authority(TRUST_DOMAIN));
    }

    /** Starts it and tells it of the mesh and of all workloads. */
    static LiveControlPlane start(Path binary, Path folder) throws Exception {
        KumaCp process = new KumaCp(binary, folder, Map.of());
        process.start();
        try {
            LiveControlPlane started = new LiveControlPlane(process, folder);
            started.tell();
            return started;
        } catch (Exception e) {
            process.close();
            throw e;
        }
    }

    @Override
    public String description() {
        return "kuma-cp " + version + ", data plane server " + process.server() + ", log " + process.log();
    }

    @Override
    public KumaSourceBuilder source(Workload workload) {
        return KumaSource.builder()
                .controlPlane(process.server())
                // It made its certificate itself, without an issuer, and the JDK cannot even read it.
                .tls(tls -> tls.pinCertificate(pin))
                .token(token(workload))
                .mesh(MESH)
                .dataplane(workload.name())
                .workload(workload.service());
    }

    @Override
    public void canary(int v1, int v2) throws IOException, InterruptedException {
        resources.canary(v1, v2);
    }

    @Override
    public void state(Workload instance, State state) {
        KumaRegistration registration = registrations.get(instance.name());
        if (registration != null) {
            registration.ready(state == State.READY);
        }
    }

    @Override
    public void legacyMayCall(boolean allowed) throws IOException, InterruptedException {
        resources.legacyMayCall(allowed);
    }

    @Override
    public void outage(Outage during) throws Exception {
        process.kill();
        during.watch();
        process.start();
        tell();
    }

    private void tell() throws IOException, InterruptedException {
        resources.mesh();
        resources.awaitIdentities();
        List<Workload> all = new ArrayList<>(Workload.ORDERS);
        all.add(Workload.LEGACY);
        all.add(Workload.WEB);
        KumaRest rest = process.rest();
        for (Workload each : all) {
            Files.writeString(
                    token(each),
                    rest.post(
                            "tokens/dataplane",
                            "{\"mesh\":\"" + MESH + "\",\"name\":\"" + each.name() + "\",\"workload\":\""
                                    + each.service() + "\",\"type\":\"dataplane\",\"validFor\":\"1h\"}"));
        }
        for (Workload each : Workload.ORDERS) {
            register(each);
        }
        resources.awaitHostNames();
        register(Workload.LEGACY);
        register(Workload.WEB);
    }

    private void register(Workload workload) throws IOException, InterruptedException {
        registrations.put(workload.name(), process.rest().register(workload.dataplane()));
    }

    private Path token(Workload workload) {
        return tokens.resolve(workload.name());
    }

    @Override
    public void close() {
        registrations.values().forEach(KumaRegistration::close);
        process.close();
    }
}
