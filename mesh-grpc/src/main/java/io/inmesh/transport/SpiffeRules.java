package io.inmesh.transport;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** What Envoy's {@code SPIFFEValidator} asks of a leaf. */
final class SpiffeRules {
    private static final String SCHEME = "spiffe://";
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;

    private SpiffeRules() {}

    /** The trust domain of the first URI; empty if that is none of SPIFFE with a path. */
    static String trustDomain(DerCertificate leaf) throws CertificateException {
        for (Der name : leaf.generalNames()) {
            if (name.tag() == SubjectAltName.URI) {
                String text = new String(name.content(), StandardCharsets.UTF_8);
                int slash = text.startsWith(SCHEME) ? text.indexOf('/', SCHEME.length()) : -1;
                return slash < 0 ? "" : text.substring(SCHEME.length(), slash);
            }
        }
        return "";
    }

    /**
     * X509-SVID section 5.2: a leaf is no authority. BoringSSL reports every usage for a certificate without the extension, so Envoy refuses such a leaf, and so
     * does this.
     */
    static void checkLeaf(X509Certificate leaf) throws CertificateException {
        boolean[] usage = leaf.getKeyUsage();
        if (leaf.getBasicConstraints() >= 0 || usage == null || usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
            throw new CertificateException("an authority's certificate is no workload's");
        }
    }
}
