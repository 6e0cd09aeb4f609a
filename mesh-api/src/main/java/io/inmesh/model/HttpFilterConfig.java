package io.inmesh.model;

/**
 * One position in a filter chain.
 *
 * @param name     its name in the chain; names may repeat, and per-route configuration is found by it
 * @param config   its configuration
 * @param disabled whether it is off until a route turns it on
 */
public record HttpFilterConfig(String name, FilterConfig config, boolean disabled) {}
