package io.inmesh.security;

import io.inmesh.model.JwtProvider;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One look at the tokens of one request. Belongs to the request: one thread at a time. */
final class Authenticator {
    private final TokenVerifier rule;
    private final JwtRequest request;
    private final Consumer<JwtStatus> done;
    private final List<FoundToken> tokens;

    /** Of the token under way, and then of the last one that had any. */
    private @Nullable CompiledProvider provider;

    Authenticator(TokenVerifier rule, JwtRequest request, Consumer<JwtStatus> done) {
        this.rule = rule;
        this.request = request;
        this.done = done;
        rule.extractor().sanitize(request.head());
        this.tokens = rule.extractor().extract(request.head());
    }

    void start() {
        if (tokens.isEmpty()) {
            noteFailure(JwtStatus.JWT_MISSED);
            done.accept(rule.allowMissing() ? JwtStatus.OK : JwtStatus.JWT_MISSED);
        } else {
            lookAtTokens();
        }
    }

    /**
     * All tokens must be good ones, because nobody knows which of them the upstream will look at; only where missing ones are allowed, the last one to be looked at
     * decides, as in Envoy.
     */
    private void lookAtTokens() {
        while (true) {
            FoundToken found = tokens.remove(tokens.size() - 1);
            JwtStatus status = look(found);
            if (status == null || isOver(status)) {
                return;
            }
        }
    }

    /** True if there is nothing more to look at. */
    private boolean isOver(JwtStatus status) {
        if (status != JwtStatus.OK) {
            noteFailure(status);
        }
        boolean refused = status != JwtStatus.OK && !rule.allowFailed() && !rule.allowMissing();
        if (!refused && !tokens.isEmpty()) {
            return false;
        }
        done.accept(rule.allowFailed() ? JwtStatus.OK : status);
        return true;
    }

    /** What a token comes to, or null if its keys have to be waited for. */
    private @Nullable JwtStatus look(FoundToken found) {
        CompiledProvider named = rule.provider();
        if (named != null) {
            provider = named;
        }
        VerifiedTokens verified = named == null ? null : named.verified();
        Jwt known = verified == null || named == null
                ? null
                : verified.find(found.token(), named.keys().now());
        ParsedJwt parsed = known == null ? Jwt.parse(found.token()) : known;
        if (!(parsed instanceof Jwt jwt)) {
            return (JwtStatus) parsed;
        }
        if (!found.place().allows(jwt.issuer())) {
            return JwtStatus.JWT_UNKNOWN_ISSUER;
        }
        CompiledProvider chosen = named == null ? rule.providers().ofIssuer(jwt.issuer()) : named;
        if (named == null) {
            provider = chosen;
        }
        if (chosen == null) {
            return JwtStatus.JWT_UNKNOWN_ISSUER;
        }
        JwtStatus claims = chosen.claimStatus(jwt, request.nowSeconds(), rule.audiences());
        if (claims != JwtStatus.OK) {
            if (claims == JwtStatus.JWT_EXPIRED && verified != null) {
                verified.remove(found.token());
            }
            return claims;
        }
        if (known != null) {
            accept(found, jwt, chosen);
            return JwtStatus.OK;
        }
        JsonWebKeys keys = chosen.keys().now();
        if (keys != null) {
            return verify(found, jwt, chosen, keys);
        }
        request.suspend();
        chosen.keys().await(fetched -> {
            JwtStatus status = fetched == null ? JwtStatus.JWKS_FETCH_FAIL : verify(found, jwt, chosen, fetched);
            if (!isOver(status)) {
                lookAtTokens();
            }
        });
        return null;
    }

    private JwtStatus verify(FoundToken found, Jwt jwt, CompiledProvider chosen, JsonWebKeys keys) {
        JwtStatus status = keys.verify(jwt);
        if (status == JwtStatus.OK) {
            accept(found, jwt, chosen);
            if (rule.provider() != null && chosen.verified() != null) {
                chosen.verified().add(found.token(), jwt, keys);
            }
        }
        return status;
    }

    /** A good token has its effects, even if the request is refused later for another one. */
    private void accept(FoundToken found, Jwt jwt, CompiledProvider chosen) {
        JwtProvider config = chosen.config();
        boolean told = request.forward(jwt, config.forwarding());
        if (!config.locations().forward()) {
            found.place().clear(request.head());
        }
        told |= request.extract(jwt, config.metadata());
        if (told && config.forwarding().clearRouteCache()) {
            request.clearRouteCache();
        }
    }

    /** Where no token has led to a provider, Envoy blames the only one there is, and none of several. */
    private void noteFailure(JwtStatus status) {
        CompiledProvider blamed = provider == null ? rule.providers().single() : provider;
        String key = blamed == null ? "" : blamed.config().metadata().failedStatus();
        if (!key.isEmpty()) {
            request.extracted(key, Map.of("code", (double) status.code(), "message", status.text()));
        }
    }
}
