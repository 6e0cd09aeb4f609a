package io.inmesh.model;

/** Routes by virtual host: {@code envoy.config.route.v3.RouteConfiguration}. */
public record RouteTable(String name) {}
