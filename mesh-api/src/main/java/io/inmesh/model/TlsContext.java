package io.inmesh.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What both sides of TLS have in common: {@code CommonTlsContext} in {@code envoy.extensions.transport_sockets.tls.v3}. Equal contexts give the same
 * TLS, so implementations share by equality.
 *
 * @param parameters   versions, ciphers, curves
 * @param certificates of this side, in the order given; empty if it shows none
 * @param validation   of the peer, given in place; what a combined context says in {@code default_validation_context}; null if only SDS says it, or nobody
 * @param validationSecret of the peer, by SDS; null if none. If both are there they are combined: lists are joined, what the secret sets goes before
 * @param alpn         protocols to offer or to choose from, in order of preference
 */
public record TlsContext(
        Parameters parameters,
        List<CertificateSource> certificates,
        Secret.@Nullable Validation validation,
        @Nullable SecretName validationSecret,
        List<String> alpn) {

    /** The secrets that it names: certificates first. */
    public List<SecretName> secrets() {
        List<SecretName> names = new ArrayList<>(2);
        for (CertificateSource certificate : certificates) {
            if (certificate instanceof CertificateSource.Sds sds) {
                names.add(sds.secret());
            }
        }
        if (validationSecret != null) {
            names.add(validationSecret);
        }
        return names;
    }

    /** Where a certificate comes from. */
    public sealed interface CertificateSource {
        /** Given in place. */
        record Given(Secret.Certificate certificate) implements CertificateSource {}

        /** By SDS. */
        record Sds(SecretName secret) implements CertificateSource {}
    }

    /** Versions of TLS. */
    public enum Version {
        /** What the implementation takes as its default: TLS 1.2 at least, 1.3 at most for servers and 1.2 at most for clients, as in Envoy. */
        AUTO,
        /** TLS 1.0. */
        TLS_1_0,
        /** TLS 1.1. */
        TLS_1_1,
        /** TLS 1.2. */
        TLS_1_2,
        /** TLS 1.3. */
        TLS_1_3
    }

    /**
     * {@code TlsParameters}.
     *
     * @param minimum             the lowest version
     * @param maximum             the highest version
     * @param cipherSuites        BoringSSL's names, for versions up to 1.2, in groups as {@code [A|B]}; empty for Envoy's default
     * @param ecdhCurves          BoringSSL's names; empty for Envoy's default
     */
    public record Parameters(Version minimum, Version maximum, List<String> cipherSuites, List<String> ecdhCurves) {
        /** Envoy's defaults. */
        public static final Parameters DEFAULT = new Parameters(Version.AUTO, Version.AUTO, List.of(), List.of());
    }
}
