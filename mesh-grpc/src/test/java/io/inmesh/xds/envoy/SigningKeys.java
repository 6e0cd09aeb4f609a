package io.inmesh.xds.envoy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One key of each kind, made for one run. */
final class SigningKeys {
    static final List<String> ALGORITHMS = List.of(
            "ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
            "EdDSA");

    private final Map<String, KeyPair> pairs = new HashMap<>();
    private final byte[] secret = "short".getBytes(StandardCharsets.UTF_8);

    SigningKeys() {
        try {
            for (String bits : List.of("256", "384", "521")) {
                KeyPairGenerator curves = KeyPairGenerator.getInstance("EC");
                curves.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
                pairs.put("ES" + (bits.equals("521") ? "512" : bits), curves.generateKeyPair());
            }
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(2048);
            pairs.put("RSA", rsa.generateKeyPair());
            pairs.put("EdDSA", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private KeyPair pair(String algorithm) {
        boolean rsa = algorithm.startsWith("RS") || algorithm.startsWith("PS");
        return Objects.requireNonNull(pairs.get(rsa ? "RSA" : algorithm), algorithm);
    }

    /** The key that verifies an algorithm, as a member of a set. */
    String jwk(String algorithm, boolean named, boolean bound) {
        Map<String, Object> key = new LinkedHashMap<>(key(algorithm).toJSONObject());
        if (named) {
            key.put("kid", kid(algorithm));
        }
        if (bound) {
            key.put("alg", algorithm);
        }
        return JSONObjectUtils.toJSONString(key);
    }

    static String kid(String algorithm) {
        return "kid-" + algorithm;
    }

    static String jwks(List<String> keys) {
        return keys.stream().collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }

    private JWK key(String algorithm) {
        return switch (algorithm) {
            case "ES256" -> ec(Curve.P_256, algorithm);
            case "ES384" -> ec(Curve.P_384, algorithm);
            case "ES512" -> ec(Curve.P_521, algorithm);
            case "HS256", "HS384", "HS512" -> new OctetSequenceKey.Builder(secret).build();
            case "EdDSA" -> {
                byte[] encoded = pair(algorithm).getPublic().getEncoded();
                byte[] raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
                yield new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(raw)).build();
            }
            default -> new RSAKey.Builder((RSAPublicKey) pair(algorithm).getPublic()).build();
        };
    }

    private ECKey ec(Curve curve, String algorithm) {
        return new ECKey.Builder(curve, (ECPublicKey) pair(algorithm).getPublic()).build();
    }

    /** Signed by an algorithm, whatever the header says. */
    String sign(String algorithm, String header, String payload) {
        String content = encode(header.getBytes(StandardCharsets.UTF_8))
                + '.'
                + encode(payload.getBytes(StandardCharsets.UTF_8));
        return content + '.' + encode(signature(algorithm, content.getBytes(StandardCharsets.US_ASCII)));
    }

    private byte[] signature(String algorithm, byte[] content) {
        String bits = algorithm.substring(2);
        try {
            if (algorithm.startsWith("HS")) {
                Mac mac = Mac.getInstance("HmacSHA" + bits);
                mac.init(new SecretKeySpec(secret, mac.getAlgorithm()));
                return mac.doFinal(content);
            }
            Signature signature =
                    switch (algorithm.substring(0, 2)) {
                        case "ES" -> Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
                        case "RS" -> Signature.getInstance("SHA" + bits + "withRSA");
                        case "PS" -> pss(bits);
                        default -> Signature.getInstance("Ed25519");
                    };
            signature.initSign(pair(algorithm).getPrivate());
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Signature pss(String bits) throws GeneralSecurityException {
        Signature pss = Signature.getInstance("RSASSA-PSS");
        String hash = "SHA-" + bits;
        pss.setParameter(
                new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), Integer.parseInt(bits) / 8, 1));
        return pss;
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
