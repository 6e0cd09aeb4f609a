package io.inmesh.transport;

import io.inmesh.model.Secret;
import io.inmesh.model.SubjectAltNameMatcher;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whom to believe, ready to be asked: a {@link Secret.Validation} with everything read that it names. What decides is Envoy's {@code DefaultCertValidator}. */
final class PeerRules {
    private final Secret.Validation validation;
    private final @Nullable TrustStore roots;
    private final @Nullable Map<String, TrustStore> trustDomains;
    private final Set<String> publicKeys;
    private final Set<String> certificates;

    private PeerRules(
            Secret.Validation validation, @Nullable TrustStore roots, @Nullable Map<String, TrustStore> trustDomains) {
        this.validation = validation;
        this.roots = roots;
        this.trustDomains = trustDomains;
        this.publicKeys = Set.copyOf(validation.certificateSpki());
        this.certificates = Set.copyOf(validation.certificateHashes());
    }

    /**
     * Reads all that it names.
     *
     * @param peersAreClients whether depth is limited, which Envoy does for its downstreams only
     */
    static PeerRules read(Secret.Validation validation, boolean peersAreClients, DataReader data, Clock clock)
            throws SecretException {
        return read(validation, peersAreClients, data, clock, TrustStore::systemRoots);
    }

    /** The roots of the system. */
    interface SystemRoots {
        List<X509Certificate> read() throws SecretException;
    }

    static PeerRules read(
            Secret.Validation validation,
            boolean peersAreClients,
            DataReader data,
            Clock clock,
            SystemRoots systemRoots)
            throws SecretException {
        checkPins(validation);
        int depth = peersAreClients && validation.maxVerifyDepth() >= 0
                // Envoy's field counts the anchor, and never less than it.
                ? Math.max(0, validation.maxVerifyDepth() - 1)
                : Integer.MAX_VALUE;
        if (validation.trustDomains() != null) {
            Map<String, TrustStore> domains = new LinkedHashMap<>();
            for (Secret.TrustDomain domain : validation.trustDomains()) {
                byte[] bundle = data.read(domain.bundle());
                TrustStore store = new TrustStore(
                        Identity.certificates(bundle),
                        false,
                        new RevocationLists(RevocationLists.read(bundle), false),
                        validation.allowExpiredCertificate(),
                        Integer.MAX_VALUE,
                        clock);
                if (domains.put(domain.name(), store) != null) {
                    throw SecretException.of("there are two trust bundles for the trust domain " + domain.name());
                }
            }
            return new PeerRules(validation, null, domains);
        }
        List<X509Certificate> anchors = new ArrayList<>();
        List<X509CRL> lists = new ArrayList<>();
        if (validation.systemRoots()) {
            anchors.addAll(systemRoots.read());
        }
        if (validation.trustedCa() != null) {
            byte[] bundle = data.read(validation.trustedCa());
            anchors.addAll(Identity.certificates(bundle));
            lists.addAll(RevocationLists.read(bundle));
        }
        if (anchors.isEmpty()) {
            if (validation.systemRoots()) {
                // A JVM without roots of its own, such as one of a slim image, must not mean that anybody is trusted.
                throw SecretException.of("the system's roots are to be trusted, and the JVM has none");
            }
            if (!validation.subjectAltNames().isEmpty() || validation.crl() != null) {
                throw SecretException.of(
                        "names or revocation are to be verified without any roots, which proves nothing");
            }
            return new PeerRules(validation, null, null);
        }
        if (validation.crl() != null) {
            List<X509CRL> given = RevocationLists.read(data.read(validation.crl()));
            if (given.isEmpty()) {
                throw SecretException.of("there is no revocation list in PEM");
            }
            lists.addAll(given);
        }
        TrustStore store = new TrustStore(
                anchors,
                true,
                new RevocationLists(lists, validation.onlyVerifyLeafCrl()),
                validation.allowExpiredCertificate(),
                depth,
                clock);
        return new PeerRules(validation, store, null);
    }

    private static void checkPins(Secret.Validation validation) throws SecretException {
        try {
            for (String pin : validation.certificateSpki()) {
                if (Base64.getDecoder().decode(pin).length != 32) {
                    throw new IllegalArgumentException();
                }
            }
            for (String pin : validation.certificateHashes()) {
                if (HexFormat.of().parseHex(pin).length != 32) {
                    throw new IllegalArgumentException();
                }
            }
        } catch (IllegalArgumentException e) {
            throw SecretException.of("a pin of the peer's certificate is no SHA-256");
        }
    }

    /** Whether a certificate is asked for at all. */
    boolean ask() {
        return roots != null || trustDomains != null || hasPins() || validation.acceptUntrusted();
    }

    /** Whether no connection goes on with a certificate that is not verified. */
    boolean verifies() {
        return ask() && !acceptsUntrusted();
    }

    /** Whether a connection can go on without a certificate, or with one that is not trusted. */
    boolean acceptsUntrusted() {
        return validation.acceptUntrusted();
    }

    /** Whether there are roots to verify against. */
    boolean hasRoots() {
        return roots != null || trustDomains != null;
    }

    private boolean hasPins() {
        return !publicKeys.isEmpty() || !certificates.isEmpty();
    }

    /** Those of the anchors, whose names a server tells its clients. */
    List<X509Certificate> anchors() {
        List<X509Certificate> anchors = new ArrayList<>();
        if (roots != null && validation.trustedCa() != null) {
            anchors.addAll(roots.anchors());
        }
        if (trustDomains != null) {
            trustDomains.values().forEach(each -> anchors.addAll(each.anchors()));
        }
        return anchors;
    }

    /**
     * Verifies a peer.
     *
     * @param serverName   the DNS name that the certificate must have, in place of what {@code match_typed_subject_alt_names} asks for; empty if not asked for
     * @param allowedNames of which it must have one; empty if not asked for
     * @return whether it is known who the peer is; false if nothing was asked, or a flaw was accepted
     * @throws CertificateException why the peer is refused
     */
    boolean verify(Certificate[] chain, CertificatePurpose purpose, String serverName, List<String> allowedNames)
            throws CertificateException {
        if (!ask()) {
            return false;
        }
        try {
            PeerChain peer = PeerChain.of(chain);
            if (trustDomains != null) {
                verifySpiffe(peer, trustDomains);
            } else if (roots != null) {
                roots.verify(peer.parsed(), purpose);
                verifyNames(peer, serverName, allowedNames);
            }
            verifyPins(peer);
            return hasRoots() || hasPins();
        } catch (CertificateException e) {
            if (validation.acceptUntrusted() && trustDomains == null) {
                return false;
            }
            throw e;
        }
    }

    private void verifyNames(PeerChain peer, String serverName, List<String> allowedNames) throws CertificateException {
        List<SubjectAltName> names = peer.leaf().names();
        if (!allowedNames.isEmpty() && !NameRules.hasOneOf(allowedNames, names)) {
            throw new CertificateException("the certificate has none of the names " + allowedNames);
        }
        if (allowedNames.isEmpty() && !serverName.isEmpty()) {
            if (!NameRules.hasDns(serverName, names)) {
                throw new CertificateException("the certificate is not for " + serverName);
            }
        } else if (!validation.subjectAltNames().isEmpty() && !NameRules.match(validation.subjectAltNames(), names)) {
            throw new CertificateException("no name of the certificate is an accepted one: " + texts(names));
        }
    }

    private void verifySpiffe(PeerChain peer, Map<String, TrustStore> domains) throws CertificateException {
        String domain = SpiffeRules.trustDomain(peer.leaf());
        TrustStore store = domains.get(domain);
        if (store == null) {
            throw new CertificateException("no trust bundle for the peer's trust domain: " + domain);
        }
        List<X509Certificate> certificates = peer.parsed();
        SpiffeRules.checkLeaf(certificates.get(0));
        store.verify(certificates, CertificatePurpose.ANY);
        List<SubjectAltName> names = peer.leaf().names();
        List<SubjectAltNameMatcher> uris = validation.subjectAltNames().stream()
                .filter(matcher -> matcher.type() == SubjectAltNameMatcher.Type.URI)
                .toList();
        if (!uris.isEmpty() && !NameRules.match(uris, names)) {
            throw new CertificateException("no name of the certificate is an accepted one: " + texts(names));
        }
    }

    private void verifyPins(PeerChain peer) throws CertificateException {
        if (hasPins()
                && !certificates.contains(HexFormat.of().formatHex(peer.certificateSha256()))
                && !publicKeys.contains(Base64.getEncoder().encodeToString(peer.publicKeySha256()))) {
            throw new CertificateException("the certificate is not one of those that are pinned");
        }
    }

    private static List<String> texts(List<SubjectAltName> names) {
        return names.stream().map(SubjectAltName::text).toList();
    }
}
