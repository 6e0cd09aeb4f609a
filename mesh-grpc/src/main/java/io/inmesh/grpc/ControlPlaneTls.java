package io.inmesh.grpc;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UpstreamTls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Describes the TLS to a control plane, a certificate authority or an agent: whom this process trusts there, and who it is. One of {@link #trust},
 * {@link #trustSystemRoots}, {@link #pinPublicKey} and {@link #pinCertificate} is needed.
 *
 * <p>With roots the certificate must also be made out for the server's name: the host of the target, unless {@link #serverName} or
 * {@link #subjectAltName} say another. A pin alone needs no name.
 */
public final class ControlPlaneTls {
    /** The system property that turns verification off where nothing is trusted. */
    public static final String SKIP_VERIFY = "inmesh.xds.insecure-skip-verify";

    private static final Logger log = LoggerFactory.getLogger(ControlPlaneTls.class);

    private final String host;
    private final List<CertificateSource> certificates = new ArrayList<>();
    private final List<SubjectAltNameMatcher> names = new ArrayList<>();
    private final List<String> publicKeys = new ArrayList<>();
    private final List<String> certificateHashes = new ArrayList<>();
    private @Nullable DataSource roots;
    private @Nullable String serverName;
    private boolean systemRoots;

    private ControlPlaneTls(String host) {
        this.host = host;
    }

    /** Begins with nothing trusted. The target is one of gRPC, such as {@code istiod.istio-system.svc:15012}. */
    public static ControlPlaneTls to(String target) {
        return new ControlPlaneTls(Targets.host(target));
    }

    /** Whether anything is trusted yet: roots, or a pin. */
    public boolean trustsSomething() {
        return roots != null || systemRoots || !publicKeys.isEmpty() || !certificateHashes.isEmpty();
    }

    /** Trusts the roots in a PEM file, watched. */
    public ControlPlaneTls trust(Path pem) {
        return trust(file(pem));
    }

    /** Trusts the roots that a source has in PEM. */
    public ControlPlaneTls trust(DataSource pem) {
        roots = pem;
        return this;
    }

    /** Trusts the roots of the operating system or the JVM. */
    public ControlPlaneTls trustSystemRoots() {
        systemRoots = true;
        return this;
    }

    /** Trusts a public key: Base64 of the SHA-256 of the certificate's {@code SubjectPublicKeyInfo}, as Envoy's {@code verify_certificate_spki}. */
    public ControlPlaneTls pinPublicKey(String sha256) {
        publicKeys.add(Pins.publicKey(sha256));
        return this;
    }

    /** Trusts one certificate: the SHA-256 of its DER in hexadecimal, with or without colons, as Envoy's {@code verify_certificate_hash}. */
    public ControlPlaneTls pinCertificate(String sha256) {
        certificateHashes.add(Pins.certificate(sha256));
        return this;
    }

    /** The name to ask for and to find in the certificate, in place of the target's host. */
    public ControlPlaneTls serverName(String name) {
        serverName = name;
        return this;
    }

    /** A name to find in the certificate, such as a SPIFFE id; one of those given must be there, in place of the server's name. */
    public ControlPlaneTls subjectAltName(SubjectAltNameMatcher name) {
        names.add(name);
        return this;
    }

    /** Shows this certificate, from PEM files that are watched. */
    public ControlPlaneTls certificate(Path chain, Path key) {
        return certificate(file(chain), file(key));
    }

    /** Shows this certificate, from sources that have PEM. */
    public ControlPlaneTls certificate(DataSource chain, DataSource key) {
        certificates.add(new CertificateSource.Given(Secret.Certificate.of(chain, key)));
        return this;
    }

    /** Shows the certificate that a secret provider has under this name. */
    public ControlPlaneTls certificate(SecretName secret) {
        certificates.add(new CertificateSource.Sds(secret));
        return this;
    }

    /**
     * The settings.
     *
     * @throws IllegalStateException if nothing is trusted, unless the system property {@value #SKIP_VERIFY} is {@code true}
     */
    public UpstreamTls settings() {
        Secret.Validation validation = new Secret.Validation(
                roots,
                systemRoots,
                null,
                subjectAltNames(),
                publicKeys,
                certificateHashes,
                null,
                false,
                false,
                false,
                -1);
        String name = serverName == null ? host : serverName;
        UpstreamTls settings = new UpstreamTls(
                new TlsContext(
                        TlsContext.Parameters.DEFAULT, List.copyOf(certificates), validation, null, List.of("h2")),
                // An address is never a server name (RFC 6066, 3).
                IpAddress.parse(name) != null ? "" : name,
                false,
                false,
                1);
        requireSomeTrust(host, settings);
        return settings;
    }

    /**
     * Makes sure that TLS finds out who the server is. Where the system property {@value #SKIP_VERIFY} is {@code true} it need not, and a warning is
     * logged: called whenever something that uses such settings is begun.
     *
     * @throws IllegalStateException if nothing is trusted and the property is not set
     */
    public static void requireVerification(String target, UpstreamTls settings) {
        if (!requireSomeTrust(target, settings)) {
            log.warn(
                    "The certificate of {} is NOT verified, because the system property {} says so: whoever answers there is believed",
                    target,
                    SKIP_VERIFY);
        }
    }

    private static boolean requireSomeTrust(String target, UpstreamTls settings) {
        boolean verifies = verifies(settings);
        if (!verifies && !Boolean.getBoolean(SKIP_VERIFY)) {
            throw new IllegalStateException(
                    "The TLS to " + target + " trusts nothing, so it would take any server for the"
                            + " right one; expected roots in a file, the system's roots, or the pin of a key or certificate");
        }
        return verifies;
    }

    private static boolean verifies(UpstreamTls settings) {
        Secret.Validation validation = settings.common().validation();
        if (validation == null) {
            return settings.common().validationSecret() != null;
        }
        boolean pinned = !validation.certificateSpki().isEmpty()
                || !validation.certificateHashes().isEmpty();
        boolean rooted = validation.trustedCa() != null
                || validation.systemRoots()
                || validation.trustDomains() != null
                || settings.common().validationSecret() != null;
        return pinned || (rooted && !validation.acceptUntrusted());
    }

    private List<SubjectAltNameMatcher> subjectAltNames() {
        boolean onlyPinned = roots == null && !systemRoots;
        if (!names.isEmpty() || (onlyPinned && serverName == null)) {
            return List.copyOf(names);
        }
        String name = serverName == null ? host : serverName;
        IpAddress address = IpAddress.parse(name);
        return List.of(
                address != null
                        ? exactly(SubjectAltNameMatcher.Type.IP_ADDRESS, address.toString())
                        : exactly(SubjectAltNameMatcher.Type.DNS, name));
    }

    private static SubjectAltNameMatcher exactly(SubjectAltNameMatcher.Type type, String name) {
        return new SubjectAltNameMatcher(type, new StringMatcher.Exact(name, true), "");
    }

    private static DataSource file(Path path) {
        return new DataSource.File(path.toString(), null);
    }
}
