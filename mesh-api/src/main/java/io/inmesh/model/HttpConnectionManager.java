package io.inmesh.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP request goes through: filters in their order, and a table of routes. {@code HttpConnectionManager} in
 * {@code envoy.extensions.filters.network.http_connection_manager.v3}.
 *
 * @param statPrefix        for telemetry
 * @param routeTable        the name of its route table; inline tables are filed under a name of their own
 * @param filters           in the order in which they see a request
 * @param streamIdleTimeout without a byte in either direction; null = none; Envoy's default is 5 min
 * @param requestTimeout    for receiving a whole request; null = none
 * @param url               what happens to path and authority
 * @param client            what is made of the client and its connection; of use to servers, and {@code forward_client_cert_details} to clients
 */
public record HttpConnectionManager(
        String statPrefix,
        String routeTable,
        List<HttpFilterConfig> filters,
        @Nullable Duration streamIdleTimeout,
        @Nullable Duration requestTimeout,
        UrlRules url,
        ClientRules client) {

    /** With Envoy's defaults in everything else. */
    public HttpConnectionManager(
            String statPrefix,
            String routeTable,
            List<HttpFilterConfig> filters,
            @Nullable Duration streamIdleTimeout,
            @Nullable Duration requestTimeout) {
        this(statPrefix, routeTable, filters, streamIdleTimeout, requestTimeout, UrlRules.NONE, ClientRules.DEFAULT);
    }

    /** The same with other filters. */
    public HttpConnectionManager withFilters(List<HttpFilterConfig> newFilters) {
        return new HttpConnectionManager(
                statPrefix, routeTable, List.copyOf(newFilters), streamIdleTimeout, requestTimeout, url, client);
    }
}
