package io.inmesh.security;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys of all kinds, made for one run of the tests, and tokens signed by them in any way, right or wrong. */
final class Tokens {
    static final Tokens INSTANCE = new Tokens();

    private final Map<String, KeyPair> pairs = new LinkedHashMap<>();
    private final byte[] secret = "a secret of more than thirty-two bytes".getBytes(StandardCharsets.UTF_8);

    private Tokens() {
        pairs.put("ES256", generate("EC", new ECGenParameterSpec("secp256r1"), 0));
        pairs.put("ES384", generate("EC", new ECGenParameterSpec("secp384r1"), 0));
        pairs.put("ES512", generate("EC", new ECGenParameterSpec("secp521r1"), 0));
        pairs.put("RSA", generate("RSA", null, 2048));
        pairs.put("EdDSA", generate("Ed25519", null, 0));
    }

    private static KeyPair generate(
            String kind, java.security.spec.@org.jspecify.annotations.Nullable AlgorithmParameterSpec spec, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            if (spec != null) {
                generator.initialize(spec);
            } else if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] secret() {
        return secret.clone();
    }

    /** The public key that verifies an algorithm, as JSON without {@code kid} and {@code alg}. */
    Map<String, Object> jwk(String algorithm) {
        return switch (algorithm) {
            case "ES256" -> ec(Curve.P_256, algorithm);
            case "ES384" -> ec(Curve.P_384, algorithm);
            case "ES512" -> ec(Curve.P_521, algorithm);
            case "HS256", "HS384", "HS512" ->
                new OctetSequenceKey.Builder(secret).build().toJSONObject();
            case "EdDSA" -> {
                byte[] encoded = pair(algorithm).getPublic().getEncoded();
                byte[] raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
                yield new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(raw))
                        .build()
                        .toJSONObject();
            }
            default -> new RSAKey.Builder((RSAPublicKey) rsa()).build().toJSONObject();
        };
    }

    java.security.PublicKey rsa() {
        return pair("RSA").getPublic();
    }

    private Map<String, Object> ec(Curve curve, String algorithm) {
        return new ECKey.Builder(curve, (ECPublicKey) pair(algorithm).getPublic())
                .build()
                .toJSONObject();
    }

    private KeyPair pair(String algorithm) {
        String name = algorithm.startsWith("RS") || algorithm.startsWith("PS") ? "RSA" : algorithm;
        return Objects.requireNonNull(pairs.get(name), name);
    }

    /** A set of the keys for some algorithms, each with its algorithm as {@code kid}. */
    String jwks(String... algorithms) {
        return Stream.of(algorithms)
                .map(algorithm -> {
                    Map<String, Object> key = new LinkedHashMap<>(jwk(algorithm));
                    key.put("kid", algorithm);
                    return com.nimbusds.jose.util.JSONObjectUtils.toJSONString(key);
                })
                .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }

    /** A good token. */
    String token(String algorithm, String payload) {
        return signed(algorithm, "{\"alg\":\"" + algorithm + "\"}", payload);
    }

    /** Any header and payload, signed by an algorithm whatever the header says. */
    String signed(String algorithm, String header, String payload) {
        String content = encode(header) + '.' + encode(payload);
        return content + '.' + encode(signature(algorithm, content.getBytes(StandardCharsets.US_ASCII)));
    }

    byte[] signature(String algorithm, byte[] content) {
        try {
            if (algorithm.startsWith("HS")) {
                return hmac(algorithm, secret, content);
            }
            Signature signature = signature(algorithm);
            signature.initSign(pair(algorithm).getPrivate());
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] hmac(String algorithm, byte[] key, byte[] content) {
        try {
            Mac mac = Mac.getInstance("HmacSHA" + algorithm.substring(2));
            mac.init(new SecretKeySpec(key, mac.getAlgorithm()));
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Signature signature(String algorithm) throws GeneralSecurityException {
        String bits = algorithm.substring(2);
        if (algorithm.startsWith("PS")) {
            Signature pss = Signature.getInstance("RSASSA-PSS");
            String hash = "SHA-" + bits;
            pss.setParameter(
                    new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), Integer.parseInt(bits) / 8, 1));
            return pss;
        }
        return Signature.getInstance(
                switch (algorithm.substring(0, 2)) {
                    case "ES" -> "SHA" + bits + "withECDSAinP1363Format";
                    case "RS" -> "SHA" + bits + "withRSA";
                    default -> "Ed25519";
                });
    }

    static String encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
