package io.inmesh.model;

import java.util.List;

/** {@code envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement}. */
public sealed interface JwtRequirement {

    /**
     * {@code provider_name} and {@code provider_and_audiences}: all tokens in the places of a provider must be good ones of its own, and there must be one.
     *
     * @param name      the provider
     * @param audiences take the place of the provider's own; empty leaves those in force
     */
    record Provider(String name, List<String> audiences) implements JwtRequirement {}

    /** {@code requires_any}: the first one that is fulfilled suffices. */
    record AnyOf(List<JwtRequirement> requirements) implements JwtRequirement {}

    /** {@code requires_all}. */
    record AllOf(List<JwtRequirement> requirements) implements JwtRequirement {}

    /** {@code allow_missing}: a request without a token passes, one with a bad token does not. */
    record AllowMissing() implements JwtRequirement {}

    /** {@code allow_missing_or_failed}: every request passes; good tokens have their effects. */
    record AllowMissingOrFailed() implements JwtRequirement {}

    /** A requirement in which nothing is set: fulfilled. */
    record AllowAll() implements JwtRequirement {}
}
