package io.inmesh.security;

import io.inmesh.model.DataSource;
import io.inmesh.model.JwtAuthentication;
import io.inmesh.model.JwtKeys;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtProvider.Forwarding;
import io.inmesh.model.JwtProvider.Lifetime;
import io.inmesh.model.JwtProvider.Locations;
import io.inmesh.model.JwtProvider.Metadata;
import io.inmesh.model.JwtRequirement;
import io.inmesh.model.RouteMatch;
import java.util.List;
import java.util.Map;

/** Configurations for tests. */
final class Providers {
    static final JwtRequirement.Provider P = new JwtRequirement.Provider("p", List.of());

    private Providers() {}

    static JwtKeys inline(String jwks) {
        return new JwtKeys.Local(DataSource.Inline.of(jwks));
    }

    static JwtProvider provider(String issuer, JwtKeys keys) {
        return provider(issuer, keys, Locations.DEFAULT, Forwarding.NONE, new Metadata("p", List.of(), "h", "f"));
    }

    static JwtProvider provider(
            String issuer, JwtKeys keys, Locations locations, Forwarding forwarding, Metadata metadata) {
        return new JwtProvider(issuer, List.of(), null, Lifetime.DEFAULT, keys, locations, forwarding, metadata, null);
    }

    /** One provider, "p", that all requests must bring a token of. */
    static JwtAuthentication requiring(JwtProvider provider) {
        return requiring(Map.of("p", provider), P);
    }

    static JwtAuthentication requiring(Map<String, JwtProvider> providers, JwtRequirement requirement) {
        return new JwtAuthentication(
                providers,
                List.of(new JwtAuthentication.Rule(RouteMatch.prefix("/"), requirement)),
                null,
                false,
                Map.of(),
                false);
    }
}
