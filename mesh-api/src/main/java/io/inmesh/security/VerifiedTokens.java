package io.inmesh.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.inmesh.model.JwtProvider;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature is known to be good ({@code jwt_cache_config}), each with the keys that said so: when a provider has other keys, a token must show
 * itself again, which Envoy does not ask. Everything else of a token is looked at each time. Thread-safe.
 */
final class VerifiedTokens {
    private final Cache<String, Verified> tokens;
    private final int maxLength;

    VerifiedTokens(JwtProvider.Cache config) {
        // On the caller's thread: what is to be done is little, and an event loop is as good as any other.
        tokens = Caffeine.newBuilder()
                .maximumSize(config.entries())
                .executor(Runnable::run)
                .build();
        maxLength = config.maxTokenBytes();
    }

    /** The token, if these keys are known to have signed it. */
    @SuppressWarnings("ReferenceEquality") // sets of keys are compared by identity
    @Nullable
    Jwt find(String token, @Nullable JsonWebKeys keys) {
        Verified verified = tokens.getIfPresent(token);
        return verified != null && verified.keys == keys ? verified.jwt : null;
    }

    void add(String token, Jwt jwt, JsonWebKeys keys) {
        if (token.length() <= maxLength) {
            tokens.put(token, new Verified(jwt, keys));
        }
    }

    /** Expired: of no more use. */
    void remove(String token) {
        tokens.invalidate(token);
    }

    private record Verified(Jwt jwt, JsonWebKeys keys) {}
}
