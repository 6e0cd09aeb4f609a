package io.inmesh.model;

import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig}. It takes the place of all rules.
 *
 * @param requirementName the requirement of {@link JwtAuthentication#requirementMap()}, or null if nothing is required. A name that is not in the map
 *                        refuses the route's requests.
 */
public record JwtRouteConfig(@Nullable String requirementName) implements JwtFilterConfig {}
