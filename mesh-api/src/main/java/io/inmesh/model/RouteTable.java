package io.inmesh.model;

import java.util.List;
import java.util.Map;

/**
 * Routes by virtual host: {@code envoy.config.route.v3.RouteConfiguration}.
 *
 * @param name                          the resource's name
 * @param virtualHosts                  in the order given
 * @param rules                         header rules and filter configuration of this level
 * @param ignorePort                    {@code ignore_port_in_host_matching}
 * @param ignorePathParameters          {@code ignore_path_parameters_in_path_matching}: what follows a semicolon plays no part in matching
 * @param mostSpecificHeaderRulesWin    {@code most_specific_header_mutations_wins}: the table's header rules run first and the route's last
 * @param maxDirectResponseBody         {@code max_direct_response_body_size_bytes}, 4096 by default
 * @param metadata                      {@code metadata.filter_metadata}, as nested maps
 */
public record RouteTable(
        String name,
        List<VirtualHost> virtualHosts,
        LevelRules rules,
        boolean ignorePort,
        boolean ignorePathParameters,
        boolean mostSpecificHeaderRulesWin,
        int maxDirectResponseBody,
        Map<String, Map<String, Object>> metadata) {

    /** Envoy's default of {@code max_direct_response_body_size_bytes}. */
    public static final int DEFAULT_MAX_DIRECT_RESPONSE_BODY = 4096;

    /** A table with Envoy's defaults. */
    public static RouteTable of(String name, VirtualHost... virtualHosts) {
        return new RouteTable(
                name,
                List.of(virtualHosts),
                LevelRules.NONE,
                false,
                false,
                false,
                DEFAULT_MAX_DIRECT_RESPONSE_BODY,
                Map.of());
    }
}
