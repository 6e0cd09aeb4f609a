package io.inmesh.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import io.inmesh.security.JsonWebKey.SignatureVerifier;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One key from its JSON. Members that Envoy does not look at ({@code use}, {@code key_ops}, {@code x5c}) have no say here either. */
final class JsonWebKeyReader {
    private static final Set<BigInteger> RSA_EXPONENTS = Set.of(BigInteger.valueOf(3), BigInteger.valueOf(65_537));
    private static final int ED25519_KEY_BYTES = 32;
    private static final String CERTIFICATE_BEGIN = "-----BEGIN CERTIFICATE-----\n";
    private static final String CERTIFICATE_END = "\n-----END CERTIFICATE-----\n";

    private JsonWebKeyReader() {}

    /** The key, or null if it is not one that can be used. */
    static @Nullable JsonWebKey key(Map<?, ?> members) {
        try {
            String algorithm = text(members, "alg");
            return switch (text(members, "kty")) {
                case "EC" -> ec(members, algorithm);
                case "RSA" -> rsa(members, algorithm);
                case "oct" -> oct(members, algorithm);
                case "OKP" -> okp(members, algorithm);
                default -> null;
            };
        } catch (JOSEException | IllegalArgumentException | IllegalStateException e) {
            return null;
        }
    }

    private static @Nullable JsonWebKey ec(Map<?, ?> members, String algorithm) throws JOSEException {
        String curve = text(members, "crv");
        if (!algorithm.isEmpty()) {
            JwtAlgorithm known = JwtAlgorithm.named(algorithm);
            if (known == null || !known.keyType().equals("EC") || (!curve.isEmpty() && !curve.equals(known.curve()))) {
                return null;
            }
            curve = known.curve();
        } else if (curve.isEmpty()) {
            curve = "P-256";
        }
        if (!Set.of("P-256", "P-384", "P-521").contains(curve)) {
            return null;
        }
        // Nimbus refuses a point that is not on its curve.
        ECKey key = new ECKey.Builder(Curve.parse(curve), base64Url(members, "x"), base64Url(members, "y")).build();
        ECDSAVerifier verifier = new ECDSAVerifier(key.toECPublicKey());
        return new JsonWebKey(text(members, "kid"), algorithm, "EC", curve, (wanted, signed, signature) -> {
            try {
                return verifier.verify(wanted.header(), signed, Base64URL.encode(signature));
            } catch (JOSEException e) {
                return false;
            }
        });
    }

    private static @Nullable JsonWebKey rsa(Map<?, ?> members, String algorithm) throws JOSEException {
        if (!algorithm.isEmpty() && !algorithm.startsWith("RS") && !algorithm.startsWith("PS")) {
            return null;
        }
        RSAKey key = new RSAKey.Builder(base64Url(members, "n"), base64Url(members, "e")).build();
        RSAPublicKey publicKey = key.toRSAPublicKey();
        if (!RSA_EXPONENTS.contains(publicKey.getPublicExponent())) {
            return null;
        }
        return new JsonWebKey(text(members, "kid"), algorithm, "RSA", "", rsa(publicKey));
    }

    private static SignatureVerifier rsa(RSAPublicKey key) {
        RSASSAVerifier verifier = new RSASSAVerifier(key);
        return (wanted, signed, signature) -> {
            try {
                return verifier.verify(wanted.header(), signed, Base64URL.encode(signature));
            } catch (JOSEException e) {
                return false;
            }
        };
    }

    private static @Nullable JsonWebKey oct(Map<?, ?> members, String algorithm) {
        JwtAlgorithm known = JwtAlgorithm.named(algorithm);
        if (!algorithm.isEmpty() && (known == null || !known.keyType().equals("oct"))) {
            return null;
        }
        byte[] secret = bytes(members, "k");
        return secret.length == 0
                ? null
                : new JsonWebKey(text(members, "kid"), algorithm, "oct", "", new SecretVerifier(secret));
    }

    private static @Nullable JsonWebKey okp(Map<?, ?> members, String algorithm) {
        byte[] key = bytes(members, "x");
        boolean usable = (algorithm.isEmpty() || algorithm.equals("EdDSA"))
                && text(members, "crv").equals("Ed25519")
                && key.length == ED25519_KEY_BYTES;
        return usable
                ? new JsonWebKey(text(members, "kid"), algorithm, "OKP", "Ed25519", Ed25519Verifier.of(key))
                : null;
    }

    /** A set in the form of {@code www.googleapis.com/oauth2/v1/certs}; empty if it is none. */
    static List<JsonWebKey> certificates(Map<String, Object> set) {
        List<JsonWebKey> keys = new ArrayList<>();
        for (Map.Entry<String, Object> entry : set.entrySet()) {
            JsonWebKey key = entry.getValue() instanceof String pem ? certificate(entry.getKey(), pem) : null;
            if (key == null) {
                return List.of();
            }
            keys.add(key);
        }
        return keys;
    }

    private static @Nullable JsonWebKey certificate(String keyId, String pem) {
        if (keyId.isEmpty() || !pem.startsWith(CERTIFICATE_BEGIN) || !pem.endsWith(CERTIFICATE_END)) {
            return null;
        }
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
            return certificate.getPublicKey() instanceof RSAPublicKey key
                    ? new JsonWebKey(keyId, "", "RSA", "", rsa(key))
                    : null;
        } catch (CertificateException e) {
            return null;
        }
    }

    /** A member that is a text; empty if it is missing. */
    private static String text(Map<?, ?> members, String name) {
        Object value = members.get(name);
        if (value == null || value instanceof String) {
            return value == null ? "" : (String) value;
        }
        throw new IllegalArgumentException(name);
    }

    private static Base64URL base64Url(Map<?, ?> members, String name) {
        return Base64URL.encode(bytes(members, name));
    }

    private static byte[] bytes(Map<?, ?> members, String name) {
        byte[] bytes = members.get(name) instanceof String text ? Base64UrlText.decode(text) : null;
        if (bytes == null) {
            throw new IllegalArgumentException(name);
        }
        return bytes;
    }
}
