package io.inmesh.security;

import io.inmesh.model.JwtProvider;
import io.inmesh.model.StringMatcher;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A provider, ready for requests. Thread-safe. */
final class CompiledProvider {
    private final JwtProvider config;
    private final Audiences audiences;
    private final KeySource keys;
    private final @Nullable VerifiedTokens verified;

    CompiledProvider(JwtProvider config, KeySource keys) {
        this.config = config;
        this.audiences = new Audiences(config.audiences());
        this.keys = keys;
        this.verified = config.cache() == null ? null : new VerifiedTokens(config.cache());
    }

    JwtProvider config() {
        return config;
    }

    KeySource keys() {
        return keys;
    }

    /** Null if there is no cache. */
    @Nullable
    VerifiedTokens verified() {
        return verified;
    }

    /**
     * Whether the claims of a token are those of a good one. Says nothing of its signature.
     *
     * @param now     in seconds since 1970
     * @param instead of the provider's audiences, or null
     */
    JwtStatus claimStatus(Jwt jwt, long now, @Nullable Audiences instead) {
        JwtStatus time = jwt.timeStatus(now, config.lifetime().clockSkewSeconds());
        if (time != JwtStatus.OK) {
            return time;
        }
        if (!(instead == null ? audiences : instead).allow(jwt.audiences())) {
            return JwtStatus.JWT_AUDIENCE_NOT_ALLOWED;
        }
        StringMatcher subjects = config.subjects();
        boolean allowed = (subjects == null || subjects.matches(jwt.subject())) && isLifetimeAllowed(jwt, now);
        return allowed ? JwtStatus.OK : JwtStatus.JWT_VERIFICATION_FAIL;
    }

    private boolean isLifetimeAllowed(Jwt jwt, long now) {
        Duration maximum = config.lifetime().maximum();
        if (maximum == null) {
            return !config.lifetime().requireExpiration() || jwt.expiration() > 0;
        }
        return jwt.expiration() > 0
                && Duration.ofSeconds(jwt.expiration() - now).compareTo(maximum) < 0;
    }
}
