package io.inmesh.transport;

import io.inmesh.model.Secret;
import java.security.cert.X509Certificate;
import java.util.List;

/** Looks at secrets before a provider takes them, by the rules by which TLS reads them afterwards. It reads no file: all must be in place. */
public final class SecretCheck {
    private SecretCheck() {}

    /**
     * The certificates of a chain whose key is that of the leaf; the leaf first.
     *
     * @throws IllegalArgumentException if TLS could not use it; the message tells why, and nothing of the key
     */
    public static List<X509Certificate> chain(Secret.Certificate certificate) {
        try {
            return Identity.read(certificate, new DataReader(TlsOptions.DEFAULT, name -> null))
                    .chain();
        } catch (SecretException e) {
            throw new IllegalArgumentException(e.reason());
        }
    }

    /**
     * The certificates of a PEM text, at least one.
     *
     * @throws IllegalArgumentException if one of them is not whole, or there is none
     */
    public static List<X509Certificate> certificates(byte[] pem) {
        try {
            return Identity.certificates(pem);
        } catch (SecretException e) {
            throw new IllegalArgumentException(e.reason());
        }
    }
}
