package io.inmesh.samples.istio;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

/** Who gives tokens to people, with a key that lives as long as the scene. */
final class Users {
    static final String ISSUER = "https://issuer.example";
    static final String AUDIENCE = "shop";
    private static final Duration LIFE = Duration.ofHours(1);

    private final ECKey key;

    Users() throws JOSEException {
        key = new ECKeyGenerator(Curve.P_256)
                .keyID("scene")
                .algorithm(JWSAlgorithm.ES256)
                .generate();
    }

    /** The public keys, for those who check. */
    String jwks() {
        return new JWKSet(key.toPublicJWK()).toString();
    }

    /** What a person sends as {@code authorization}. */
    String bearer(String person) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(AUDIENCE)
                        .subject(person)
                        .expirationTime(Date.from(Instant.now().plus(LIFE)))
                        .build());
        token.sign(new ECDSASigner(key));
        return "Bearer " + token.serialize();
    }
}
