package io.inmesh.model;

/**
 * One network filter of a chain.
 *
 * @param name   its name in the chain; names may repeat
 * @param config its configuration: one of the kinds of {@link FilterConfig} that are for connections
 */
public record NetworkFilterConfig(String name, FilterConfig config) {}
