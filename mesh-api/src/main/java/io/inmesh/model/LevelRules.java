package io.inmesh.model;

import java.util.Map;

/**
 * What a route table, a virtual host, a route and a weighted cluster can each say of headers and filters.
 *
 * @param request  {@code request_headers_to_add} and {@code request_headers_to_remove}
 * @param response {@code response_headers_to_add} and {@code response_headers_to_remove}
 * @param filters  {@code typed_per_filter_config}, by the filter's name in the chain
 */
public record LevelRules(HeaderMutation request, HeaderMutation response, Map<String, FilterOverride> filters) {
    /** Nothing said. */
    public static final LevelRules NONE = new LevelRules(HeaderMutation.NONE, HeaderMutation.NONE, Map.of());
}
