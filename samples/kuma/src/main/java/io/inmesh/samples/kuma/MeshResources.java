package io.inmesh.samples.kuma;

import io.inmesh.samples.kuma.recorded.Authority;
import io.inmesh.xds.kuma.KumaRest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The resources of the scene, as an operator applies them, in forms that are the same in Kuma 2.14 and 3.0. */
final class MeshResources {
    private static final String MESH = "meshes/" + ControlPlane.MESH;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Pattern MESSAGE = Pattern.compile("\"message\":\\s*\"([^\"]+)\"");

    private final KumaRest rest;
    /** Not kuma-cp's own, which it would make anew after an outage, having no memory: nobody would trust anybody for a while. */
    private final Authority authority;

    private int v1 = 90;
    private int v2 = 10;
    private boolean legacyMayCall;

    MeshResources(KumaRest rest, Authority authority) {
        this.rest = rest;
        this.authority = authority;
    }

    /** The mesh with identities, policies and services, but without Dataplanes. */
    void mesh() throws IOException, InterruptedException {
        put("", "Mesh", "\"meshServices\":{\"mode\":\"Exclusive\"}", ControlPlane.MESH);
        put(
                "meshidentities",
                "MeshIdentity",
                spec("\"selector\":{\"dataplane\":{\"matchLabels\":{}}},"
                        + "\"spiffeID\":{\"trustDomain\":\"{{ .Mesh }}.{{ .Zone }}.mesh.local\"},"
                        + "\"provider\":{\"type\":\"Bundled\",\"bundled\":{\"meshTrustCreation\":\"Enabled\","
                        + "\"insecureAllowSelfSigned\":true,\"certificateParameters\":{\"expiry\":\"24h\"},"
                        + "\"autogenerate\":{\"enabled\":false},\"ca\":{\"certificate\":"
                        + inline(authority.certificate())
                        + ",\"privateKey\":" + inline(authority.privateKey()) + "}}}"),
                "identity");
        legacyMayCall(legacyMayCall);
        for (String version : new String[] {"v1", "v2"}) {
            put(
                    "meshservices",
                    "MeshService",
                    spec(
                            "\"selector\":{\"dataplaneLabels\":{\"matchLabels\":{\"kuma.io/workload\":\"orders\",\"version\":\""
                                    + version
                                    + "\"}}},\"ports\":[{\"name\":\"http\",\"port\":18080,\"targetPort\":18080,"
                                    + "\"appProtocol\":\"http\"}]"),
                    "orders-" + version);
        }
        canary(v1, v2);
    }

    void canary(int newV1, int newV2) throws IOException, InterruptedException {
        v1 = newV1;
        v2 = newV2;
        put(
                "meshhttproutes",
                "MeshHTTPRoute",
                spec("\"targetRef\":{\"kind\":\"Mesh\"},\"to\":[{\"targetRef\":{" + meshService("orders") + "},"
                        + "\"rules\":[{\"matches\":[{\"path\":{\"type\":\"PathPrefix\",\"value\":\"/\"}}],"
                        + "\"default\":{\"backendRefs\":[" + backend("orders-v1", v1) + ","
                        + backend("orders-v2", v2)
                        + "]}}]}]"),
                "split");
    }

    void legacyMayCall(boolean allowed) throws IOException, InterruptedException {
        legacyMayCall = allowed;
        String workloads = "spiffe://" + ControlPlane.TRUST_DOMAIN + "/workload";
        String deny =
                allowed ? "" : "\"deny\":[{\"spiffeID\":{\"type\":\"Exact\",\"value\":\"" + workloads + "/legacy\"}}],";
        put(
                "meshtrafficpermissions",
                "MeshTrafficPermission",
                spec("\"targetRef\":{\"kind\":\"Mesh\"},\"rules\":[{\"default\":{" + deny
                        + "\"allow\":[{\"spiffeID\":{\"type\":\"Prefix\",\"value\":\"" + workloads + "\"}}]}}]"),
                "only-known");
    }

    /** Before that a proxy is told to speak in the clear: there is no identity, and so no TLS. */
    void awaitIdentities() throws IOException, InterruptedException {
        await("meshidentities/identity", Pattern.compile("\"type\":\\s*\"Ready\",\\s*\"status\":\\s*\"True\""));
    }

    /** Addresses and host names of services come some seconds after their first instance. */
    void awaitHostNames() throws IOException, InterruptedException {
        await("meshservices/orders", Pattern.compile("orders\\.svc\\.mesh\\.local(?s:.*)\"vips\""));
    }

    private void await(String resource, Pattern expected) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String last = "";
        while (System.nanoTime() < end) {
            try {
                String answer = rest.get(MESH + "/" + resource);
                if (expected.matcher(answer).find()) {
                    return;
                }
                last = messages(answer);
            } catch (IOException e) {
                last = e.toString();
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        throw new IOException(resource + " is not ready within " + PATIENCE.toSeconds() + " s: " + last);
    }

    /** Of its conditions, and nothing else: a MeshIdentity has its key in it. */
    private static String messages(String resource) {
        return MESSAGE.matcher(resource).results().map(each -> each.group(1)).collect(Collectors.joining("; "));
    }

    private void put(String kind, String type, String body, String name) throws IOException, InterruptedException {
        String path = kind.isEmpty() ? MESH : MESH + "/" + kind + "/" + name;
        String mesh = kind.isEmpty() ? "" : "\"mesh\":\"" + ControlPlane.MESH + "\",";
        rest.put(path, "{\"type\":\"" + type + "\"," + mesh + "\"name\":\"" + name + "\"," + body + "}");
    }

    private static String spec(String fields) {
        return "\"spec\":{" + fields + "}";
    }

    private static String inline(String pem) {
        return "{\"type\":\"InsecureInline\",\"insecureInline\":{\"value\":\""
                + pem.replace("\r", "").replace("\n", "\\n") + "\"}}";
    }

    private static String backend(String service, int weight) {
        return "{" + meshService(service) + ",\"port\":18080,\"weight\":" + weight + "}";
    }

    /** By label, which 2.14 and 3.0 understand; Kuma 3 takes no names here. */
    private static String meshService(String name) {
        return "\"kind\":\"MeshService\",\"labels\":{\"kuma.io/display-name\":\"" + name + "\"}";
    }
}
