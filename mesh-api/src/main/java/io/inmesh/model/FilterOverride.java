package io.inmesh.model;

import org.jspecify.annotations.Nullable;

/**
 * What a route table, virtual host, route or weighted cluster says of one filter: an entry of {@code typed_per_filter_config}.
 *
 * @param config   the filter's configuration at this level, or null if only {@code disabled} is said
 * @param disabled TRUE turns the filter off for what is below, FALSE on, null says nothing
 */
public record FilterOverride(
        @Nullable FilterConfig config, @Nullable Boolean disabled) {}
