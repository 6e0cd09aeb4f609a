package io.inmesh.xds.istio;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.identity.WorkloadAccess.Provisioned;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where istiod is, and what it is trusted by.
 *
 * @param targets     the preferred one first
 * @param authority   its certificate authority
 * @param plaintext   whether the streams have no transport security
 * @param roots       PEM; null where the system's are trusted
 * @param caRoots     the same for the certificate authority
 * @param serverName  to find in its certificate in place of the target's host, or null
 * @param token       the file of the service-account token
 * @param provisioned a certificate that was there before, or null
 */
record IstiodConnection(
        List<String> targets,
        String authority,
        boolean plaintext,
        @Nullable Path roots,
        @Nullable Path caRoots,
        @Nullable String serverName,
        Path token,
        @Nullable Provisioned provisioned) {
    private static final String SYSTEM = "SYSTEM";
    private static final String ROOT_FILE = CertificateFolder.ROOTS;
    private static final String CERTS = "etc/certs";
    static final String POD_ROOTS = "var/run/secrets/istio/" + ROOT_FILE;

    /** What an application has said; null where it said nothing. */
    record Told(
            List<String> targets,
            @Nullable String authority,
            @Nullable String revision,
            boolean plaintext,
            boolean systemRoots,
            @Nullable Path roots,
            @Nullable String serverName,
            Path token,
            @Nullable Provisioned provisioned,
            @Nullable Path kept) {}

    static IstiodConnection find(Told told, AgentEnvironment environment, Missing missing) {
        Surroundings around = environment.around();
        List<String> targets = told.targets().isEmpty() ? List.of(target(told, environment)) : told.targets();
        boolean plaintext = told.plaintext()
                || (told.targets().isEmpty() && environment.proxy().isPlaintext());
        String authority = told.authority() == null ? around.variable("CA_ADDR") : told.authority();
        Path provisionedFolder = provisionedFolder(told, around);
        Provisioned provisioned = told.provisioned() == null && isThere(provisionedFolder)
                ? new Provisioned(
                        provisionedFolder.resolve(CertificateFolder.CHAIN),
                        provisionedFolder.resolve(CertificateFolder.KEY))
                : told.provisioned();
        Path roots = told.systemRoots() ? null : roots(told, around, "XDS_ROOT_CA");
        Path caRoots = told.systemRoots() ? null : roots(told, around, "CA_ROOT_CA");
        if (!plaintext && roots != null && !Files.isReadable(roots)) {
            missing.add(
                    "There is no root certificate to know istiod by (" + roots + ")",
                    "rootCertificates(...) or systemRoots()",
                    "inmesh.xds.ca",
                    "XDS_ROOT_CA with a file or SYSTEM",
                    "the ConfigMap istio-ca-root-cert mounted at /var/run/secrets/istio",
                    "/etc/certs/" + ROOT_FILE,
                    "istiod's plaintext port with plaintext()");
        }
        return new IstiodConnection(
                targets,
                authority == null ? targets.get(0) : authority,
                plaintext,
                roots,
                caRoots,
                told.serverName() == null ? around.variable("ISTIOD_SAN") : told.serverName(),
                told.token(),
                provisioned);
    }

    /** TLS that trusts istiod and shows nothing. */
    ControlPlaneTls tls(String target) {
        ControlPlaneTls tls = ControlPlaneTls.to(target);
        tls = roots == null ? tls.trustSystemRoots() : tls.trust(roots);
        return serverName == null ? tls : tls.serverName(serverName);
    }

    /** Whether there is anything that shows istiod who this workload is. */
    boolean canShowIdentity() {
        return Files.isReadable(token) || provisioned != null;
    }

    private static String target(Told told, AgentEnvironment environment) {
        String discovery = environment.proxy().discoveryAddress();
        if (discovery != null && told.revision() == null) {
            return discovery;
        }
        String revision = told.revision() == null
                ? environment.labels().getOrDefault("istio.io/rev", "default")
                : told.revision();
        boolean named = !revision.isEmpty() && !revision.equals("default");
        return "istiod" + (named ? "-" + revision : "") + ".istio-system.svc:15012";
    }

    private static @Nullable Path roots(Told told, Surroundings around, String variable) {
        if (told.roots() != null) {
            return told.roots();
        }
        String set = around.variable(variable);
        if (set != null) {
            return set.equals(SYSTEM) ? null : around.named(set);
        }
        if (around.isFile(CERTS + "/" + ROOT_FILE)) {
            return around.file(CERTS).resolve(ROOT_FILE);
        }
        String folder = around.variable("PROV_CERT");
        return folder == null ? around.file(POD_ROOTS) : around.named(folder).resolve(ROOT_FILE);
    }

    private static Path provisionedFolder(Told told, Surroundings around) {
        String set = around.variable("PROV_CERT");
        if (set != null) {
            return around.named(set);
        }
        return told.kept() == null ? around.file(CERTS) : told.kept();
    }

    private static boolean isThere(Path folder) {
        return Files.isReadable(folder.resolve(CertificateFolder.CHAIN))
                && Files.isReadable(folder.resolve(CertificateFolder.KEY));
    }

    /** Headers that istiod's streams take: the cluster of the token, and those of the agent's {@code XDS_HEADER_} variables. */
    static Map<String, String> headers(AgentEnvironment environment, String clusterId) {
        Map<String, String> headers = new HashMap<>();
        environment
                .withPrefix("XDS_HEADER_")
                .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        headers.put("clusterid", clusterId);
        return headers;
    }
}
