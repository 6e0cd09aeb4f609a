package io.inmesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What TLS needs and what changes while it is in use: {@code envoy.extensions.transport_sockets.tls.v3.Secret}. Equal secrets give the same TLS.
 */
public sealed interface Secret {

    /**
     * Who this side is: {@code TlsCertificate}. Exactly one of {@code pkcs12} and {@code chain} with {@code privateKey} is there.
     *
     * @param chain      PEM, the leaf first
     * @param privateKey PEM in PKCS#1, SEC1 or PKCS#8
     * @param password   of the private key or the PKCS#12 container, or null
     * @param pkcs12     certificate, chain and key in one container, or null
     */
    record Certificate(
            @Nullable DataSource chain,
            @Nullable DataSource privateKey,
            @Nullable DataSource password,
            @Nullable DataSource pkcs12)
            implements Secret {

        /** A certificate in PEM. */
        public static Certificate of(DataSource chain, DataSource privateKey) {
            return new Certificate(chain, privateKey, null, null);
        }
    }

    /**
     * Whom this side trusts: {@code CertificateValidationContext}. Without any roots and without any pins the peer's certificate is not verified, as in
     * Envoy; the status shows it.
     *
     * @param trustedCa               PEM of the roots, or null
     * @param systemRoots             {@code system_root_certs}: the operating system's roots
     * @param trustDomains            {@code SPIFFECertValidatorConfig}: roots for each trust domain; null if that validator was not asked for
     * @param subjectAltNames         of which one must match, if there are any
     * @param certificateSpki         Base64 of SHA-256 of allowed public keys; together with {@code certificateHashes} one must match, if there are any
     * @param certificateHashes       SHA-256 of allowed certificates in hexadecimal, lower case, without colons
     * @param crl                     PEM of revocation lists, or null
     * @param onlyVerifyLeafCrl       whether only the leaf is looked up in them
     * @param allowExpiredCertificate whether validity in time does not count
     * @param acceptUntrusted         {@code trust_chain_verification: ACCEPT_UNTRUSTED}
     * @param maxVerifyDepth          the most intermediate certificates, or -1
     */
    record Validation(
            @Nullable DataSource trustedCa,
            boolean systemRoots,
            @Nullable List<TrustDomain> trustDomains,
            List<SubjectAltNameMatcher> subjectAltNames,
            List<String> certificateSpki,
            List<String> certificateHashes,
            @Nullable DataSource crl,
            boolean onlyVerifyLeafCrl,
            boolean allowExpiredCertificate,
            boolean acceptUntrusted,
            int maxVerifyDepth)
            implements Secret {

        /** Nothing is asked of the peer. */
        public static final Validation NONE =
                new Validation(null, false, null, List.of(), List.of(), List.of(), null, false, false, false, -1);

        /** Roots and nothing else. */
        public static Validation of(DataSource trustedCa) {
            return new Validation(
                    trustedCa, false, null, List.of(), List.of(), List.of(), null, false, false, false, -1);
        }
    }

    /** The roots of one SPIFFE trust domain, PEM. */
    record TrustDomain(String name, DataSource bundle) {}

    /** {@code TlsSessionTicketKeys}: each of 80 bytes, the first one encrypts. */
    record TicketKeys(List<DataSource> keys) implements Secret {}
}
