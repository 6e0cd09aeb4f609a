package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.server.RawClient;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tokens whose author has the issuer's public key, and not the private one. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class ForgedTokenTest {
    private static final String CLAIMS = "{\"iss\":\"issuer\",\"sub\":\"alice\",\"exp\":4102444800}";

    private final X509Bundle root = TestSecrets.root("mesh");

    @Test
    void token_notSignedByTheIssuer_isRefused() throws Exception {
        KeyPair issuer = rsa();
        RSAPublicKey known = (RSAPublicKey) issuer.getPublic();
        String jwks = "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"alg\":\"RS256\",\"n\":\""
                + base64(unsigned(known.getModulus().toByteArray())) + "\",\"e\":\""
                + base64(known.getPublicExponent().toByteArray()) + "\"}]}";
        String filter = Configuration.filter(
                "jwt",
                "filters.http.jwt_authn.v3.JwtAuthentication",
                "providers: {p: {issuer: issuer, local_jwks: {inline_string: '" + jwks
                        + "'}}}, rules: [{match: {prefix: /}, requires: {provider_name: p}}]");
        String good = signed("{\"alg\":\"RS256\",\"kid\":\"k\"}", issuer);
        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("none", unsigned("none"));
        forged.put("None", unsigned("None"));
        forged.put("none with the signature of another", unsigned("none") + good.substring(good.lastIndexOf('.') + 1));
        forged.put("the public key as a secret", mac("{\"alg\":\"HS256\",\"kid\":\"k\"}", known.getEncoded()));
        forged.put(
                "the modulus as a secret",
                mac("{\"alg\":\"HS256\"}", known.getModulus().toByteArray()));
        forged.put("a key of the author's own", signed("{\"alg\":\"RS256\",\"kid\":\"k\"}", rsa()));
        forged.put("no signature", good.substring(0, good.lastIndexOf('.') + 1));
        forged.put("other claims", good.replace(base64(CLAIMS), base64(CLAIMS.replace("alice", "admin"))));
        try (SecuredServer server = SecuredServer.start(Configuration.server("", filter), root)) {
            Attacker peer = new Attacker(server.port(), SecuredClient.identity(root));
            try (RawClient client = peer.http1()) {
                for (Map.Entry<String, String> each : forged.entrySet()) {
                    assertThat(status(client, each.getValue()))
                            .as(each.getKey())
                            .isEqualTo(401);
                }
                assertThat(server.application.requests).hasValue(0);
                assertThat(status(client, good)).isEqualTo(200);
            }
        }
    }

    private static int status(RawClient client, String token) throws Exception {
        return client.send(Attacker.get("/", "Authorization: Bearer " + token))
                .response()
                .status();
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static String unsigned(String algorithm) {
        return base64("{\"alg\":\"" + algorithm + "\"}") + "." + base64(CLAIMS) + ".";
    }

    private static String signed(String header, KeyPair keys) throws Exception {
        String text = base64(header) + "." + base64(CLAIMS);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(keys.getPrivate());
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return text + "." + base64(signature.sign());
    }

    private static String mac(String header, byte[] secret) throws Exception {
        String text = base64(header) + "." + base64(CLAIMS);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        return text + "." + base64(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static byte[] unsigned(byte[] number) {
        return number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
    }

    private static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
