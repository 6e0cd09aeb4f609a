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

/**
 * Describes the TLS to a control plane, a certificate authority or an agent: whom this process trusts there, and who it is. One of {@link #trust},
 * {@link #trustSystemRoots}, {@link #pinPublicKey} and {@link #pinCertificate} is needed.
 *
 * <p>With roots the certificate must also be made out for the server's name: the host of the target, unless {@link #serverName} or
 * {@link #subjectAltName} say another. A pin alone needs no name.
 */
public final class ControlPlaneTls {
    private final String host;
    private final List<CertificateSource> certificates = new ArrayList<>();
    private final List<SubjectAltNameMatcher> names = new ArrayList<>();
    private final List<String> publicKeys = new ArrayList<>();
    private final List<String> certificateHashes = new ArrayList<>();
    private @Nullable Path roots;
    private @Nullable String serverName;
    private boolean systemRoots;

    private ControlPlaneTls(String host) {
        this.host = host;
    }

    /** Begins with nothing trusted. The target is one of gRPC, such as {@code istiod.istio-system.svc:15012}. */
    public static ControlPlaneTls to(String target) {
        return new ControlPlaneTls(Targets.host(target));
    }

    /** Trusts the roots in a PEM file, watched. */
    public ControlPlaneTls trust(Path pem) {
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
        certificates.add(new CertificateSource.Given(Secret.Certificate.of(file(chain), file(key))));
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
     * @throws IllegalStateException if nothing is trusted
     */
    public UpstreamTls settings() {
        Secret.Validation validation = new Secret.Validation(
                roots == null ? null : file(roots),
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
                1,
                false);
        if (!verifiesServer(settings)) {
            throw new IllegalStateException(
                    "The TLS to " + host
                            + " trusts nothing: expected roots in a file, the system's roots, or the pin of a key or certificate");
        }
        return settings;
    }

    /** Whether TLS with these settings finds out who the server is. */
    public static boolean verifiesServer(UpstreamTls settings) {
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
