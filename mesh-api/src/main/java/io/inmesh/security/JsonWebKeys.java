package io.inmesh.security;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JSON Web Key Set of RFC 7517. Immutable; compared by identity. */
final class JsonWebKeys implements ParsedKeys {
    private static final int ED25519_SIGNATURE_BYTES = 64;

    private final List<JsonWebKey> keys;

    private JsonWebKeys(List<JsonWebKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /** Reads a set. As in Envoy, keys that cannot be used are left out as long as one is left, and {@code {kid: certificate}} is a set, too. */
    static ParsedKeys parse(byte[] json) {
        Map<String, Object> set = JsonReader.object(json);
        if (set == null) {
            return JwtStatus.JWKS_PARSE_ERROR;
        }
        Object list = set.get("keys");
        List<JsonWebKey> keys = new ArrayList<>();
        if (list == null) {
            keys.addAll(JsonWebKeyReader.certificates(set));
            return keys.isEmpty() ? JwtStatus.JWKS_NO_KEYS : new JsonWebKeys(keys);
        }
        if (!(list instanceof List<?> elements)) {
            return JwtStatus.JWKS_BAD_KEYS;
        }
        for (Object element : elements) {
            JsonWebKey key = element instanceof Map<?, ?> members ? JsonWebKeyReader.key(members) : null;
            if (key != null) {
                keys.add(key);
            }
        }
        return keys.isEmpty() ? JwtStatus.JWKS_NO_VALID_KEYS : new JsonWebKeys(keys);
    }

    /** Whether one of the keys has signed a token. Says nothing of its claims. */
    JwtStatus verify(Jwt jwt) {
        byte[] signed = (jwt.encodedHeader() + '.' + jwt.encodedPayload()).getBytes(StandardCharsets.US_ASCII);
        boolean meant = false;
        for (int i = 0; i < keys.size(); i++) {
            JsonWebKey key = keys.get(i);
            if (!key.isMeantBy(jwt)) {
                continue;
            }
            meant = true;
            if (key.keyType().equals("OKP") && jwt.signature().length != ED25519_SIGNATURE_BYTES) {
                // Envoy looks no further then, whatever the token's algorithm is.
                return JwtStatus.JWT_ED25519_SIGNATURE_WRONG_LENGTH;
            }
            if (!jwt.isCritical()
                    && key.fits(jwt.algorithm())
                    && key.verifier().verify(jwt.algorithm(), signed, jwt.signature())) {
                return JwtStatus.OK;
            }
        }
        return meant ? JwtStatus.JWT_VERIFICATION_FAIL : JwtStatus.JWKS_KID_ALG_MISMATCH;
    }
}
