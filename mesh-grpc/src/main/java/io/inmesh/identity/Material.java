package io.inmesh.identity;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.transport.Pem;
import io.inmesh.transport.SecretCheck;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Checks certificates and keys before they are taken: what is being written, or was put together wrongly, never replaces what works. */
final class Material {
    private Material() {}

    /** The secret of a chain and its key, if they belong together. */
    static Secret certificate(String chain, String key) throws BadMaterialException {
        Secret.Certificate secret = Secret.Certificate.of(DataSource.Inline.of(chain), DataSource.Inline.of(key));
        try {
            SecretCheck.chain(secret);
            return secret;
        } catch (IllegalArgumentException e) {
            throw new BadMaterialException(String.valueOf(e.getMessage()));
        }
    }

    /** The secret of trusted roots. */
    static Secret roots(String roots) throws BadMaterialException {
        certificates(roots);
        return Secret.Validation.of(DataSource.Inline.of(roots));
    }

    /** The certificates of a PEM text, at least one; of a chain the leaf first. */
    static List<X509Certificate> certificates(String pem) throws BadMaterialException {
        try {
            return SecretCheck.certificates(pem.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new BadMaterialException(String.valueOf(e.getMessage()));
        }
    }

    /** The roots of two texts, each once. */
    static String union(String first, String second) throws BadMaterialException {
        Set<X509Certificate> all = new LinkedHashSet<>(certificates(first));
        all.addAll(certificates(second));
        StringBuilder text = new StringBuilder();
        try {
            for (X509Certificate each : all) {
                text.append(Pem.write("CERTIFICATE", each.getEncoded()));
            }
        } catch (CertificateEncodingException e) {
            throw new BadMaterialException("a root cannot be written: " + e.getMessage());
        }
        return text.toString();
    }
}
