package io.inmesh.xds.istio;

import io.inmesh.identity.FileIdentity;
import io.inmesh.identity.IstiodIdentity;
import io.inmesh.identity.IstiodIdentityBuilder;
import io.inmesh.identity.KeyType;
import io.inmesh.identity.SdsIdentity;
import io.inmesh.snapshot.SecretProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the workload's certificate comes from, in the agent's order: the socket of an SDS server that is mounted for it (SPIRE's), certificates in files that
 * are mounted for it, istiod's authority.
 */
final class IdentityChoice {
    private static final Logger log = LoggerFactory.getLogger(IdentityChoice.class);
    private static final String SOCKETS = "var/run/secrets/workload-spiffe-uds/";
    private static final String CREDENTIALS = "var/run/secrets/workload-spiffe-credentials";
    private static final String MOUNTED = "etc/certs";

    private final AgentEnvironment environment;
    private final IstiodConnection istiod;
    private final Workload workload;

    IdentityChoice(AgentEnvironment environment, IstiodConnection istiod, Workload workload) {
        this.environment = environment;
        this.istiod = istiod;
        this.workload = workload;
    }

    /**
     * The identity that the surroundings have, or null if they have none and nothing asks for one.
     *
     * @param authority whether an application has named the certificate authority
     */
    @Nullable
    SecretProvider find(KeyType keyType, Duration validity, String clusterId, boolean authority, Missing missing) {
        Surroundings around = environment.around();
        String socketName = around.variable("WORKLOAD_IDENTITY_SOCKET_FILE");
        Path socket = around.file(SOCKETS + (socketName == null ? "socket" : socketName));
        if (Files.exists(socket) && !Files.isRegularFile(socket)) {
            log.info("The workload's certificate comes from the SDS server at {}", socket);
            return SdsIdentity.at("unix://" + socket.toAbsolutePath()).build();
        }
        SecretProvider files = files(around.file(CREDENTIALS));
        if (files == null && "true".equals(around.variable("FILE_MOUNTED_CERTS"))) {
            files = files(around.file(MOUNTED));
        }
        if (files != null) {
            return files;
        }
        boolean asked = authority || around.variable("CA_ADDR") != null;
        if (istiod.plaintext() && !(asked && istiod.canShowIdentity())) {
            log.warn("There is no identity: istiod is asked without transport security, and nothing else issues a"
                    + " certificate. What needs TLS in the mesh fails");
            return null;
        }
        return ofIstiod(keyType, validity, clusterId, missing);
    }

    private @Nullable SecretProvider ofIstiod(KeyType keyType, Duration validity, String clusterId, Missing missing) {
        if (workload.serviceAccount() == null) {
            missing.add(
                    "The workload's service account is not known",
                    "serviceAccount(...)",
                    "SERVICE_ACCOUNT (downward API: spec.serviceAccountName)",
                    "a service-account token, which names it");
        }
        if (!istiod.canShowIdentity()) {
            missing.add(
                    "Nothing shows istiod who this workload is",
                    "token(...) or inmesh.xds.token-file",
                    "a projected service-account token with the audience istio-ca at " + istiod.token(),
                    "a certificate and its key in PROV_CERT or /etc/certs (cert-chain.pem, key.pem)",
                    "identity(...)");
        }
        if (workload.serviceAccount() == null || !istiod.canShowIdentity()) {
            return null;
        }
        IstiodIdentityBuilder identity = IstiodIdentity.at(istiod.authority())
                .workload(workload.trustDomain(), workload.namespace(), workload.serviceAccount())
                .token(istiod.token())
                .clusterId(clusterId)
                .keyType(keyType)
                .validity(validity);
        if (istiod.caRoots() == null) {
            identity.istiodHasSystemRoots();
        } else {
            identity.roots(istiod.caRoots());
        }
        if (istiod.serverName() != null) {
            identity.serverName(istiod.serverName());
        }
        if (istiod.provisioned() != null) {
            identity.provisioned(
                    istiod.provisioned().chain(), istiod.provisioned().key());
        }
        return identity.build();
    }

    private static @Nullable SecretProvider files(Path folder) {
        Path chain = folder.resolve("cert-chain.pem");
        Path key = folder.resolve("key.pem");
        Path roots = folder.resolve("root-cert.pem");
        if (!Files.isReadable(chain) || !Files.isReadable(key) || !Files.isReadable(roots)) {
            return null;
        }
        log.info("The workload's certificate comes from {}", folder);
        return FileIdentity.of(chain, key, roots).build();
    }
}
