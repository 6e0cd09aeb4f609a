package io.inmesh.model;

/** The two forms of {@code envoy.filters.http.jwt_authn}'s configuration: the chain's and a route's. */
public sealed interface JwtFilterConfig extends FilterConfig permits JwtAuthentication, JwtRouteConfig {}
