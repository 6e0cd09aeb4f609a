package io.inmesh.identity;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Checks certificates and keys before they are taken: what is being written, or was put together wrongly, never replaces what works.
 *
 * <p>Roots are looked at only from the outside, because the JDK cannot parse all that BoringSSL can.
 */
final class Material {
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final byte[] PROBE = {1, 2, 3, 4};

    private Material() {}

    /** The secret of a chain and its key, if they belong together. */
    static Secret certificate(String chain, String key) throws BadMaterialException {
        PublicKey leaf = certificates(chain).get(0).getPublicKey();
        if (!belongTogether(leaf, privateKey(leaf, key))) {
            throw new BadMaterialException("the private key is not that of the certificate");
        }
        return Secret.Certificate.of(DataSource.Inline.of(chain), DataSource.Inline.of(key));
    }

    /** The secret of trusted roots. */
    static Secret roots(String roots) throws BadMaterialException {
        bodies(roots);
        return Secret.Validation.of(DataSource.Inline.of(roots));
    }

    /** The certificates of a chain, at least one, the leaf first. */
    static List<X509Certificate> certificates(String chain) throws BadMaterialException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (byte[] body : bodies(chain)) {
                certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(body)));
            }
        } catch (CertificateException e) {
            throw new BadMaterialException("has a certificate that cannot be parsed: " + e.getMessage());
        }
        return certificates;
    }

    /** The bytes of each certificate in a PEM text, at least one. */
    static List<byte[]> bodies(String certificates) throws BadMaterialException {
        List<byte[]> bodies = new ArrayList<>();
        for (PemBlock block : PemBlock.parse(certificates)) {
            if (block.label().equals(CERTIFICATE)) {
                if (!Der.isWholeSequence(block.der())) {
                    throw new BadMaterialException("has a certificate that is not whole");
                }
                bodies.add(block.der());
            }
        }
        if (bodies.isEmpty()) {
            throw new BadMaterialException("has no certificate; expected PEM with -----BEGIN CERTIFICATE-----");
        }
        return bodies;
    }

    /** The roots of two texts, each once. */
    static String union(String first, String second) throws BadMaterialException {
        List<byte[]> all = new ArrayList<>(bodies(first));
        for (byte[] body : bodies(second)) {
            if (all.stream().noneMatch(each -> Arrays.equals(each, body))) {
                all.add(body);
            }
        }
        StringBuilder text = new StringBuilder();
        all.forEach(body -> text.append(PemBlock.write(CERTIFICATE, body)));
        return text.toString();
    }

    private static PrivateKey privateKey(PublicKey leaf, String key) throws BadMaterialException {
        for (PemBlock block : PemBlock.parse(key)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return privateKey(leaf, block.der());
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
                    // PKCS#8 (RFC 5958) around PKCS#1 or SEC1; the algorithm is that of the certificate, or the key is
                    // not its key.
                    byte[] algorithm = Der.firstOf(leaf.getEncoded());
                    return privateKey(leaf, Der.sequence(Der.integer(0), algorithm, Der.octets(block.der())));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new BadMaterialException("the private key is encrypted; expected one without a password");
                default -> {
                    // EC PARAMETERS, or the certificate in the same file.
                }
            }
        }
        throw new BadMaterialException("has no private key; expected PEM in PKCS#8, PKCS#1 or SEC1");
    }

    private static PrivateKey privateKey(PublicKey leaf, byte[] pkcs8) throws BadMaterialException {
        try {
            return KeyFactory.getInstance(leaf.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            // The cause is left out: nobody promises that it tells nothing of the key.
            throw new BadMaterialException(
                    "the private key is not a whole " + leaf.getAlgorithm() + " key, which the certificate would need");
        }
    }

    private static boolean belongTogether(PublicKey leaf, PrivateKey key) throws BadMaterialException {
        String algorithm =
                switch (leaf.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> leaf.getAlgorithm();
                };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(leaf);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new BadMaterialException("the private key cannot sign for the certificate's " + leaf.getAlgorithm());
        }
    }
}
