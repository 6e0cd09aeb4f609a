package io.inmesh.samples.kuma;

import io.inmesh.xds.kuma.KumaDataplane;
import io.inmesh.xds.kuma.KumaRest;
import io.inmesh.xds.kuma.KumaSource;
import io.inmesh.xds.kuma.KumaSourceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A real kuma-cp for tests, with the meshes that they ask for. */
final class LiveKuma implements AutoCloseable {
    /** Names the program; without it there are no tests with a real one. */
    static final String VARIABLE = "INMESH_KUMA_CP";

    private static final Pattern READY = Pattern.compile("\"type\":\\s*\"Ready\",\\s*\"status\":\\s*\"True\"");

    static final Map<String, String> NO_TOKENS = Map.of("KUMA_DP_SERVER_AUTHN_DP_PROXY_TYPE", "none");

    private final KumaCp process;
    private final String pin;
    private final boolean kuma3;

    private LiveKuma(KumaCp process) throws IOException, InterruptedException {
        this.process = process;
        this.pin = process.pin();
        this.kuma3 = process.rest().version().startsWith("3.");
    }

    static Path binary() {
        return Path.of(Objects.requireNonNull(System.getenv(VARIABLE), VARIABLE));
    }

    static LiveKuma start(Map<String, String> settings) throws Exception {
        return start(Files.createTempDirectory("kuma-cp"), settings);
    }

    /** With a folder that may hold a certificate for it. */
    static LiveKuma start(Path folder, Map<String, String> settings) throws Exception {
        KumaCp process = new KumaCp(binary(), folder, settings);
        process.start();
        return new LiveKuma(process);
    }

    KumaCp process() {
        return process;
    }

    KumaRest rest() {
        return process.rest();
    }

    String pin() {
        return pin;
    }

    /** Whether it has neither Mesh.mtls nor tags, neither {@code from} nor state of the world. */
    boolean isKuma3() {
        return kuma3;
    }

    KumaSourceBuilder source(String mesh, String dataplane) {
        return KumaSource.builder()
                .controlPlane(process.server())
                .tls(tls -> tls.pinCertificate(pin))
                .mesh(mesh)
                .dataplane(dataplane);
    }

    /** Puts a resource of a mesh. */
    void put(String mesh, String kind, String type, String name, String fields) throws Exception {
        rest().put(
                        "meshes/" + mesh + "/" + kind + "/" + name,
                        "{\"type\":\"" + type + "\",\"mesh\":\"" + mesh + "\",\"name\":\"" + name + "\"," + fields
                                + "}");
    }

    /** Puts a policy, whose fields are in its spec. */
    void policy(String mesh, String kind, String type, String name, String spec) throws Exception {
        put(mesh, kind, type, name, "\"spec\":{" + spec + "}");
    }

    /** A mesh in the way of this version whose workloads have identities and may all call each other: with a CA of the mesh's, or with a MeshIdentity. */
    void mesh(String mesh) throws Exception {
        if (kuma3) {
            identityMesh(mesh);
        } else {
            builtinMesh(mesh, "Exclusive");
        }
    }

    /** A mesh whose CA kuma-cp has made itself, of Kuma 2. */
    void builtinMesh(String mesh, String serviceMode) throws Exception {
        rest().put(
                        "meshes/" + mesh,
                        "{\"type\":\"Mesh\",\"name\":\"" + mesh + "\",\"meshServices\":{\"mode\":\"" + serviceMode
                                + "\"},\"mtls\":{\"enabledBackend\":\"ca-1\",\"backends\":[{\"name\":\"ca-1\",\"type\":\"builtin\"}]}}");
        permission(mesh, "allow");
    }

    /** A mesh of MeshIdentity and MeshTrust. */
    void identityMesh(String mesh) throws Exception {
        identities(mesh);
        awaitIdentities(mesh);
    }

    /** Puts a mesh of MeshIdentity and MeshTrust, in which the workloads of each of its zones may call. */
    void identities(String mesh) throws Exception {
        rest().put(
                        "meshes/" + mesh,
                        "{\"type\":\"Mesh\",\"name\":\"" + mesh + "\",\"meshServices\":{\"mode\":\"Exclusive\"}}");
        policy(
                mesh,
                "meshidentities",
                "MeshIdentity",
                "identity",
                "\"selector\":{\"dataplane\":{\"matchLabels\":{}}},\"spiffeID\":{\"trustDomain\":\"{{ .Mesh }}.{{"
                        + " .Zone }}.mesh.local\"},"
                        + "\"provider\":{\"type\":\"Bundled\",\"bundled\":{\"meshTrustCreation\":\"Enabled\","
                        + "\"insecureAllowSelfSigned\":true,\"autogenerate\":{\"enabled\":true}}}");
        permission(mesh, "allow");
    }

    /** Waits until a zone makes identities for a mesh: before, a proxy is told to speak in the clear. */
    void awaitIdentities(String mesh) throws Exception {
        await("meshes/" + mesh + "/meshidentities", READY.asPredicate());
    }

    /** What everybody may, {@code allow} or {@code deny}, in the mesh that {@link #mesh} or {@link #identityMesh} has made. */
    void permission(String mesh, String action) throws Exception {
        rules(
                mesh,
                kuma3 || isIdentityMesh(mesh)
                        ? "\"rules\":[{\"default\":{\"" + action
                                + "\":[{\"spiffeID\":{\"type\":\"Prefix\",\"value\":\"spiffe://" + mesh + ".\"}}]}}]"
                        : "\"from\":[{\"targetRef\":{\"kind\":\"Mesh\"},\"default\":{\"action\":\""
                                + (action.equals("allow") ? "Allow" : "Deny") + "\"}}]");
    }

    private boolean isIdentityMesh(String mesh) throws Exception {
        return rest().get("meshes/" + mesh + "/meshidentities").contains("\"MeshIdentity\"");
    }

    private void rules(String mesh, String rules) throws Exception {
        policy(
                mesh,
                "meshtrafficpermissions",
                "MeshTrafficPermission",
                "allow-all",
                "\"targetRef\":{\"kind\":\"Mesh\"}," + rules);
    }

    void dataplane(KumaDataplane dataplane) throws Exception {
        rest().put(dataplane);
    }

    /** Waits until a service has an address and a host name. */
    void awaitService(String mesh, String service) throws Exception {
        await(
                "meshes/" + mesh + "/meshservices/" + service,
                found -> found.contains("\"vips\"") && found.contains("svc.mesh.local"));
    }

    /** Waits until something is as expected, and returns it. What it was else is not told: a MeshIdentity has its key in it. */
    String await(String path, Predicate<String> expected) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        String last = "";
        while (System.nanoTime() < end) {
            try {
                String found = rest().get(path);
                if (expected.test(found)) {
                    return found;
                }
                last = "it is another";
            } catch (IOException e) {
                last = e.toString();
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        throw new AssertionError(path + " is not as expected: " + last);
    }

    @Override
    public void close() {
        process.close();
    }
}
