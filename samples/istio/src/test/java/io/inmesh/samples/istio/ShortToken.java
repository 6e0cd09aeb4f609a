package io.inmesh.samples.istio;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

/** Tokens that end sooner than the ten minutes for which the API server gives them at least. */
final class ShortToken {
    private ShortToken() {}

    /** What the API server gives, but with another end, signed with its key. */
    static String of(LocalControlPlane controlPlane, String namespace, String account, Duration life) throws Exception {
        SignedJWT given = SignedJWT.parse(controlPlane.api().token(namespace, account, "istio-ca"));
        JWTClaimsSet claims = new JWTClaimsSet.Builder(given.getJWTClaimsSet())
                .expirationTime(Date.from(Instant.now().plus(life)))
                .build();
        SignedJWT signed = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(given.getHeader().getKeyID())
                        .build(),
                claims);
        signed.sign(new RSASSASigner(controlPlane.serviceAccountKey()));
        return signed.serialize();
    }
}
