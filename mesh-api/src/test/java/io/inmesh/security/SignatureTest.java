package io.inmesh.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.JwtKeys;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which signatures are believed, and which tricks are not. */
class SignatureTest {
    private static final Tokens TOKENS = Tokens.INSTANCE;
    private static final String PAYLOAD = "{\"iss\":\"i\",\"sub\":\"alice\"}";

    private final JwtFilterFactory factory =
            new JwtFilterFactory(JwksFetcher.NONE, source -> false, new HandScheduler(), InstantSource.system());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384",
                "PS512", "EdDSA"
            })
    void verify_tokenOfEachAlgorithm_passesWithItsKeyAndNotWithOneBitChanged(String algorithm) {
        String token = TOKENS.token(algorithm, PAYLOAD);
        JwtKeys alone = Providers.inline(set(TOKENS.jwk(algorithm)));
        JwtKeys others = Providers.inline(TOKENS.jwks("ES256", "ES384", "ES512", "RSA", "HS256"));
        assertThat(ask(alone, token)).isEqualTo("passed");
        if (!algorithm.equals("EdDSA")) {
            assertThat(ask(others, token)).as("one of many keys").isEqualTo("passed");
        }
        byte[] signature = java.util.Base64.getUrlDecoder().decode(token.substring(token.lastIndexOf('.') + 1));
        signature[signature.length / 2] ^= 1;
        String changed = token.substring(0, token.lastIndexOf('.') + 1) + Tokens.encode(signature);
        assertThat(ask(alone, changed)).isEqualTo("401 Jwt verification fails");
        String[] parts = token.split("\\.");
        String other = parts[0] + '.' + Tokens.encode("{\"iss\":\"i\",\"sub\":\"mallory\"}") + '.' + parts[2];
        assertThat(ask(alone, other)).isEqualTo("401 Jwt verification fails");
    }

    static Stream<Arguments> attacks() {
        byte[] rsaPem = ("-----BEGIN PUBLIC KEY-----\n"
                        + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(TOKENS.rsa().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
        String hs = "{\"alg\":\"HS256\"}";
        String ownKey = com.nimbusds.jose.util.JSONObjectUtils.toJSONString(TOKENS.jwk("ES256"));
        return Stream.of(
                attack("no signature at all", "RSA", unsigned("none"), "401 Jwt header [alg] is not supported"),
                attack("NONE in another case", "RSA", unsigned("nOnE"), "401 Jwt header [alg] is not supported"),
                attack("empty signature", "RSA", unsigned("RS256"), BAD_FORM),
                attack("public key as PEM for a secret", "RSA", hmac(hs, rsaPem), FAILS),
                attack(
                        "public key as DER for a secret",
                        "RSA",
                        hmac(hs, TOKENS.rsa().getEncoded()),
                        FAILS),
                attack("good signature, name of another family", "ES256", relabelled("ES256", "HS256"), FAILS),
                attack("good signature, name of another curve", "ES256", relabelled("ES256", "ES384"), FAILS),
                attack("good HMAC, name of RSA", "HS256", relabelled("HS256", "RS256"), FAILS),
                attack("PSS signature, name of PKCS#1", "RSA", relabelled("PS256", "RS256"), FAILS),
                attack(
                        "key of the attacker in jwk, jku, x5u",
                        "RSA",
                        TOKENS.signed(
                                "ES256",
                                "{\"alg\":\"ES256\",\"jwk\":" + ownKey
                                        + ",\"jku\":\"https://evil.example/\",\"x5u\":\"https://evil.example/\"}",
                                PAYLOAD),
                        FAILS),
                attack(
                        "crit, which nobody here understands",
                        "ES256",
                        TOKENS.signed("ES256", "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}", PAYLOAD),
                        FAILS),
                attack(
                        "kid of no key",
                        "ES256",
                        TOKENS.signed("ES256", "{\"alg\":\"ES256\",\"kid\":\"../../dev/null\"}", PAYLOAD),
                        MISMATCH),
                attack("r and s zero", "ES256", withSignature("ES256", new byte[64]), FAILS),
                attack("DER for ECDSA", "ES256", withSignature("ES256", new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1}), FAILS),
                attack("half a signature", "RSA", withSignature("RS256", new byte[128]), FAILS),
                attack(
                        "short signature for Ed25519",
                        "EdDSA",
                        withSignature("EdDSA", new byte[63]),
                        "401 Jwt ED25519 signature is wrong length"),
                attack(
                        "duplicate claim",
                        "ES256",
                        TOKENS.token("ES256", "{\"sub\":\"alice\",\"sub\":\"admin\"}"),
                        "401 Jwt payload is an invalid JSON"),
                attack(
                        "duplicate alg",
                        "ES256",
                        TOKENS.signed("ES256", "{\"alg\":\"ES256\",\"alg\":\"none\"}", PAYLOAD),
                        "401 Jwt header is an invalid JSON"),
                attack(
                        "nested without end",
                        "ES256",
                        TOKENS.token("ES256", "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}"),
                        "401 Jwt payload is an invalid JSON"),
                attack("a megabyte of dots", "ES256", ".".repeat(1 << 20), BAD_FORM),
                attack("a megabyte of a section", "ES256", "e30.e30." + "A".repeat(1 << 20), NO_ALG),
                attack("five sections, as of an encrypted token", "ES256", "a.b.c.d.e", BAD_FORM));
    }

    private static final String FAILS = "401 Jwt verification fails";
    private static final String MISMATCH = "401 Jwks doesn't have key to match kid or alg from Jwt";
    private static final String NO_ALG = "401 Jwt header [alg] field is required and must be a string";
    private static final String BAD_FORM =
            "401 Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections";

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void verify_attack_isRefused(String name, String keys, String token, String answer) {
        assertThat(ask(Providers.inline(TOKENS.jwks(keys)), token)).isEqualTo(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "ES384", "ES512", "RS256", "PS256", "HS256", "EdDSA"})
    void verify_keyForAnotherAlgorithm_isNotUsed(String algorithm) {
        Map<String, Object> key = new LinkedHashMap<>(TOKENS.jwk(algorithm));
        key.put("alg", algorithm);
        for (String other : List.of("ES256", "ES384", "ES512", "RS256", "RS384", "PS256", "HS256", "HS512", "EdDSA")) {
            if (!other.equals(algorithm)) {
                assertThat(ask(Providers.inline(set(key)), TOKENS.token(other, PAYLOAD)))
                        .as(other)
                        .isEqualTo(MISMATCH);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "RS256", "HS256", "EdDSA"})
    void verify_kidOfAnotherKey_isNotTried(String algorithm) {
        Map<String, Object> right = new LinkedHashMap<>(TOKENS.jwk(algorithm));
        right.put("kid", "right");
        JwtKeys keys = Providers.inline(set(right));
        String header = "{\"alg\":\"" + algorithm + "\",\"kid\":\"%s\"}";
        assertThat(ask(keys, TOKENS.signed(algorithm, header.formatted("right"), PAYLOAD)))
                .isEqualTo("passed");
        assertThat(ask(keys, TOKENS.signed(algorithm, header.formatted("wrong"), PAYLOAD)))
                .isEqualTo(MISMATCH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "{}",
                "{\"keys\":{}}",
                "{\"keys\":[]}",
                "{\"keys\":[5,null,{}]}",
                "{\"keys\":[{\"kty\":\"oct\"}]}",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"\"}]}",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"RS256\"}]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!!\",\"e\":\"AQAB\"}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AAAA\",\"y\":\"AAAA\"}]}",
                "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}]}",
                "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
                "{\"k1\":\"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n\"}"
            })
    void create_setWithoutAnyKey_makesTheChainRefuse(String jwks) {
        assertThat(ask(Providers.inline(jwks), TOKENS.token("ES256", PAYLOAD))).isEqualTo("500 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "RS256", "HS256", "EdDSA"})
    void create_oneGoodKeyAmongBadOnes_isUsed(String algorithm) {
        String good = com.nimbusds.jose.util.JSONObjectUtils.toJSONString(TOKENS.jwk(algorithm));
        String jwks = "{\"keys\":[{\"kty\":\"oct\"},5," + good + ",{\"kty\":\"new\"}]}";
        assertThat(ask(Providers.inline(jwks), TOKENS.token(algorithm, PAYLOAD)))
                .isEqualTo("passed");
    }

    private String ask(JwtKeys keys, String token) {
        return FilterTrial.start(
                        factory,
                        Providers.requiring(Providers.provider("", keys)),
                        "/",
                        "authorization",
                        "Bearer " + token)
                .outcome();
    }

    private static Arguments attack(String name, String keys, String token, String answer) {
        return Arguments.of(name, keys, token, answer);
    }

    private static String set(Map<String, Object> key) {
        return "{\"keys\":[" + com.nimbusds.jose.util.JSONObjectUtils.toJSONString(key) + "]}";
    }

    private static String unsigned(String algorithm) {
        return Tokens.encode("{\"alg\":\"" + algorithm + "\"}")
                + '.'
                + Tokens.encode(PAYLOAD)
                + (algorithm.equals("RS256") ? "." : ".AAAA");
    }

    private static String relabelled(String signedBy, String named) {
        return TOKENS.signed(signedBy, "{\"alg\":\"" + named + "\"}", PAYLOAD);
    }

    private static String hmac(String header, byte[] key) {
        String content = Tokens.encode(header) + '.' + Tokens.encode(PAYLOAD);
        return content + '.' + Tokens.encode(Tokens.hmac("HS256", key, content.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String withSignature(String algorithm, byte[] signature) {
        String token = TOKENS.token(algorithm, PAYLOAD);
        return token.substring(0, token.lastIndexOf('.') + 1)
                + Tokens.encode(Arrays.copyOf(signature, signature.length));
    }
}
