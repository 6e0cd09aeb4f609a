package io.inmesh.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.extensions.filters.http.jwt_authn.v3.JwtProvider}: whose tokens count, where they are looked for, and what becomes of them.
 *
 * @param issuer     the {@code iss} that a token must have; empty if it is not looked at
 * @param audiences  one of them must be an {@code aud} of the token; empty if it is not looked at
 * @param subjects   the condition on {@code sub}, or null
 * @param lifetime   what is asked of the token's times
 * @param keys       where the keys come from
 * @param locations  where tokens are looked for
 * @param forwarding what the upstream is told
 * @param metadata   what is left in the dynamic metadata {@code envoy.filters.http.jwt_authn}
 * @param cache      of tokens whose signature is known to be good, or null if there is none
 */
public record JwtProvider(
        String issuer,
        List<String> audiences,
        @Nullable StringMatcher subjects,
        Lifetime lifetime,
        JwtKeys keys,
        Locations locations,
        Forwarding forwarding,
        Metadata metadata,
        @Nullable Cache cache) {

    /**
     * Times of a token.
     *
     * @param requireExpiration whether it must have an {@code exp}
     * @param maximum           {@code max_lifetime}: its {@code exp} must be nearer than that; null if there is no limit
     * @param clockSkewSeconds  by how much the clocks of issuer and verifier may differ
     */
    public record Lifetime(
            boolean requireExpiration, @Nullable Duration maximum, long clockSkewSeconds) {
        /** Envoy's defaults: no limit, 60 s. */
        public static final Lifetime DEFAULT = new Lifetime(false, null, 60);
    }

    /**
     * Where tokens are looked for. If there is no place at all: {@code Authorization: Bearer} and the query parameter {@code access_token}.
     *
     * @param headers {@code from_headers}
     * @param params  {@code from_params}
     * @param cookies {@code from_cookies}
     * @param forward whether a good token stays in the request; in a cookie it always does
     */
    public record Locations(List<HeaderLocation> headers, List<String> params, List<String> cookies, boolean forward) {
        /** The default places, and the token is taken out. */
        public static final Locations DEFAULT = new Locations(List.of(), List.of(), List.of(), false);
    }

    /**
     * {@code JwtHeader}.
     *
     * @param name   in lower case
     * @param prefix what comes before the token, anywhere in the value; a value without it has no token. May be empty.
     */
    public record HeaderLocation(String name, String prefix) {}

    /**
     * What the upstream is told. Such headers are taken out of every request first, whoever set them.
     *
     * @param payloadHeader   {@code forward_payload_header} in lower case, or empty
     * @param pad             whether Base64url is filled up with {@code =}
     * @param claims          {@code claim_to_headers}
     * @param clearRouteCache whether the route is chosen again when a claim went into a header or the payload into the metadata
     */
    public record Forwarding(String payloadHeader, boolean pad, List<ClaimHeader> claims, boolean clearRouteCache) {
        /** Nothing. */
        public static final Forwarding NONE = new Forwarding("", false, List.of(), false);
    }

    /**
     * {@code JwtClaimToHeader}.
     *
     * @param header in lower case
     * @param claim  its name; dots lead into nested objects
     */
    public record ClaimHeader(String header, String claim) {}

    /**
     * Keys in the dynamic metadata; an empty one writes nothing.
     *
     * @param payload              {@code payload_in_metadata}
     * @param spaceDelimitedClaims claims that are written there as lists of words ({@code normalize_payload_in_metadata})
     * @param header               {@code header_in_metadata}
     * @param failedStatus         {@code failed_status_in_metadata}
     */
    public record Metadata(String payload, List<String> spaceDelimitedClaims, String header, String failedStatus) {
        /** Nothing. */
        public static final Metadata NONE = new Metadata("", List.of(), "", "");
    }

    /**
     * {@code JwtCacheConfig}.
     *
     * @param entries       100 by default
     * @param maxTokenBytes longer tokens are not kept; 4096 by default
     */
    public record Cache(int entries, int maxTokenBytes) {}
}
