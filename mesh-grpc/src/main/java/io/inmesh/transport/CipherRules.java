package io.inmesh.transport;

import io.inmesh.model.TlsContext;
import io.netty.handler.ssl.CipherSuiteConverter;
import java.util.ArrayList;
import java.util.List;

/** {@code TlsParameters} in the words of the providers, with Envoy's defaults. */
final class CipherRules {
    /** {@code ServerContextConfigImpl::DEFAULT_CIPHER_SUITES}, which are the client's too. */
    private static final List<String> ENVOY_CIPHERS = List.of(
            "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
            "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384");

    private static final List<String> TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private static final List<String> ENVOY_CURVES = List.of("X25519", "P-256");
    private static final List<TlsContext.Version> VERSIONS = List.of(
            TlsContext.Version.TLS_1_0,
            TlsContext.Version.TLS_1_1,
            TlsContext.Version.TLS_1_2,
            TlsContext.Version.TLS_1_3);

    private final TlsContext.Parameters parameters;

    CipherRules(TlsContext.Parameters parameters) {
        this.parameters = parameters;
    }

    /** In BoringSSL's words, groups of equal preference in brackets. */
    String cipherString() {
        List<String> suites = parameters.cipherSuites().isEmpty() ? ENVOY_CIPHERS : parameters.cipherSuites();
        return String.join(":", suites);
    }

    boolean hasGroups() {
        return cipherString().indexOf('[') >= 0;
    }

    /** All names as a provider knows them, groups taken apart. Those of TLS 1.3 are not configurable, as in BoringSSL. */
    List<String> ciphers(TlsProvider provider) {
        List<String> names = new ArrayList<>(TLS_1_3);
        for (String suite : cipherString().split("[\\[\\]|:]", -1)) {
            if (!suite.isEmpty()) {
                String java = provider == TlsProvider.JDK ? CipherSuiteConverter.toJava(suite, "TLS") : null;
                names.add(java == null ? suite : java);
            }
        }
        return names;
    }

    String[] curves() {
        return (parameters.ecdhCurves().isEmpty() ? ENVOY_CURVES : parameters.ecdhCurves()).toArray(String[]::new);
    }

    /** The versions as the JDK names them. */
    List<String> versions(TlsContext.Version defaultMaximum) {
        int from = index(parameters.minimum(), TlsContext.Version.TLS_1_2);
        int to = index(parameters.maximum(), defaultMaximum);
        return from > to
                ? List.of()
                : VERSIONS.subList(from, to + 1).stream().map(CipherRules::name).toList();
    }

    private static int index(TlsContext.Version version, TlsContext.Version ifAuto) {
        return VERSIONS.indexOf(version == TlsContext.Version.AUTO ? ifAuto : version);
    }

    private static String name(TlsContext.Version version) {
        return switch (version) {
            case TLS_1_0 -> "TLSv1";
            case TLS_1_1 -> "TLSv1.1";
            case AUTO, TLS_1_2 -> "TLSv1.2";
            case TLS_1_3 -> "TLSv1.3";
        };
    }
}
