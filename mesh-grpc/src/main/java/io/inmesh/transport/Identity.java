package io.inmesh.transport;

import io.inmesh.model.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A certificate of this side with its key; they fit.
 *
 * @param chain the leaf first
 */
record Identity(PrivateKey key, List<X509Certificate> chain) {
    Identity {
        chain = List.copyOf(chain);
    }

    /** Reads it. */
    static Identity read(Secret.Certificate certificate, DataReader data) throws SecretException {
        char[] password = certificate.password() == null ? null : password(data.read(certificate.password()));
        Identity identity;
        if (certificate.pkcs12() != null) {
            identity = pkcs12(data.read(certificate.pkcs12()), password == null ? new char[0] : password);
        } else if (certificate.chain() != null && certificate.privateKey() != null) {
            identity = new Identity(
                    PrivateKeys.read(data.read(certificate.privateKey()), password),
                    certificates(data.read(certificate.chain())));
        } else {
            throw SecretException.of("a certificate lacks its chain or its private key");
        }
        if (!PrivateKeys.match(identity.key, identity.leaf().getPublicKey())) {
            throw SecretException.of("the private key does not belong to the certificate "
                    + identity.leaf().getSubjectX500Principal());
        }
        return identity;
    }

    /** The certificates of a PEM text; at least one. */
    static List<X509Certificate> certificates(byte[] pem) throws SecretException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            for (Pem block : Pem.read(pem)) {
                switch (block.label()) {
                    case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE" ->
                        certificates.add(parse(block.bytes()));
                    default -> {}
                }
            }
        } catch (IllegalArgumentException | CertificateException e) {
            throw SecretException.of("certificate " + (certificates.size() + 1) + " cannot be read");
        }
        if (certificates.isEmpty()) {
            throw SecretException.of("there is no certificate in PEM");
        }
        return certificates;
    }

    static X509Certificate parse(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static Identity pkcs12(byte[] container, char[] password) throws SecretException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(container), password);
            for (String alias : Collections.list(store.aliases())) {
                Key key = store.isKeyEntry(alias) ? store.getKey(alias, password) : null;
                Certificate[] chain = store.getCertificateChain(alias);
                if (key instanceof PrivateKey privateKey && chain != null) {
                    List<X509Certificate> certificates = new ArrayList<>();
                    for (Certificate each : chain) {
                        certificates.add((X509Certificate) each);
                    }
                    return new Identity(privateKey, certificates);
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw SecretException.of("the PKCS#12 container cannot be read; its password may be wrong");
        }
        throw SecretException.of("there is no private key with a certificate in the PKCS#12 container");
    }

    private static char[] password(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).toCharArray();
    }

    X509Certificate leaf() {
        return chain.get(0);
    }

    @Override
    public String toString() {
        return "Identity[" + leaf().getSubjectX500Principal() + "]";
    }
}
