package io.inmesh.exchange;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one stream beside its heads: dynamic metadata, filter state, flags. Matchers, header formats, filters and
 * telemetry read it.
 *
 * <p>Not thread-safe: it belongs to one call. Maps are made when something is put into them.
 */
public final class StreamInfo {
    private @Nullable Map<String, Map<String, Object>> dynamicMetadata;
    private @Nullable Map<String, Object> filterState;
    private final EnumSet<ResponseFlag> flags = EnumSet.noneOf(ResponseFlag.class);
    private final UpstreamFacts upstream = new UpstreamFacts();
    private @Nullable String responseCodeDetails;
    private @Nullable String protocol;
    private @Nullable String routeName;
    private Map<String, Map<String, Object>> routeMetadata = Map.of();
    private Map<String, Map<String, Object>> virtualHostMetadata = Map.of();
    private long startTimeMillis;
    private @Nullable DownstreamConnection downstream;
    private @Nullable IpAddress remoteAddress;
    private @Nullable PeerMetadata downstreamPeer;
    private @Nullable PeerMetadata upstreamPeer;

    /** The connection that the request came in on, or null for a request of this process itself. */
    public @Nullable DownstreamConnection downstream() {
        return downstream;
    }

    /** Sets the connection that the request came in on; its address counts as the request's until {@link #remoteAddress(IpAddress)} says otherwise. */
    public void downstream(DownstreamConnection connection) {
        downstream = connection;
        remoteAddress = connection.remote();
    }

    /** Takes over what network filters have found out about the connection that the request came in on: facts, metadata and filter state. */
    public void inherit(StreamInfo connection) {
        downstream = connection.downstream;
        remoteAddress = connection.remoteAddress;
        if (connection.dynamicMetadata != null) {
            dynamicMetadata = new HashMap<>();
            Map<String, Map<String, Object>> own = dynamicMetadata;
            connection.dynamicMetadata.forEach((filter, values) -> own.put(filter, new LinkedHashMap<>(values)));
        }
        if (connection.filterState != null) {
            filterState = new HashMap<>(connection.filterState);
        }
    }

    /** Whose request it is, where trusted proxies may stand between ({@code x-forwarded-for}, PROXY protocol); null as {@link #downstream()}. */
    public @Nullable IpAddress remoteAddress() {
        return remoteAddress;
    }

    /** Sets whose request it is. */
    public void remoteAddress(IpAddress address) {
        remoteAddress = address;
    }

    /**
     * The dynamic metadata of a filter: a tree of {@code Map<String, Object>}, {@code List<Object>}, {@code String},
     * {@code Double}, {@code Boolean}; null if there is none.
     */
    public @Nullable Map<String, Object> dynamicMetadata(String filter) {
        return dynamicMetadata == null ? null : dynamicMetadata.get(filter);
    }

    /** Puts one value into the dynamic metadata of a filter, behind those that are there. */
    public void putDynamicMetadata(String filter, String key, Object value) {
        if (dynamicMetadata == null) {
            dynamicMetadata = new HashMap<>();
        }
        dynamicMetadata.computeIfAbsent(filter, name -> new LinkedHashMap<>()).put(key, value);
    }

    /** An object of the filter state, or null. */
    public @Nullable Object filterState(String key) {
        return filterState == null ? null : filterState.get(key);
    }

    /** Puts an object into the filter state; its {@code toString} is what string matchers see. */
    public void putFilterState(String key, Object value) {
        if (filterState == null) {
            filterState = new HashMap<>();
        }
        filterState.put(key, value);
    }

    /** What the caller says of itself, or null. Not part of the filter state, so that no rule of authorization can look at it. */
    public @Nullable PeerMetadata downstreamPeer() {
        return downstreamPeer;
    }

    /** Sets what the caller says of itself. */
    public void downstreamPeer(PeerMetadata peer) {
        downstreamPeer = peer;
    }

    /** What the workload that answered says of itself, or null. Not part of the filter state either. */
    public @Nullable PeerMetadata upstreamPeer() {
        return upstreamPeer;
    }

    /** Sets what the workload that answered says of itself. */
    public void upstreamPeer(PeerMetadata peer) {
        upstreamPeer = peer;
    }

    /** The flags so far, live. */
    public Set<ResponseFlag> flags() {
        return flags;
    }

    /** Envoy's {@code %RESPONSE_CODE_DETAILS%} once there is an answer, such as {@code via_upstream}; else null. */
    public @Nullable String responseCodeDetails() {
        return responseCodeDetails;
    }

    /** Sets {@code %RESPONSE_CODE_DETAILS%}. */
    public void responseCodeDetails(String details) {
        responseCodeDetails = details;
    }

    /** What is known of the attempt under way, live. */
    public UpstreamFacts upstream() {
        return upstream;
    }

    /** The caller's protocol, such as {@code HTTP/1.1}, or null if there is no wire between the caller and here. */
    public @Nullable String protocol() {
        return protocol;
    }

    /** Sets the caller's protocol. */
    public void protocol(String newProtocol) {
        protocol = newProtocol;
    }

    /** When the request came, in milliseconds since 1970. */
    public long startTimeMillis() {
        return startTimeMillis;
    }

    /** Sets when the request came, in milliseconds since 1970. */
    public void startTimeMillis(long millis) {
        startTimeMillis = millis;
    }

    /** The name of the route, or null as long as there is none. */
    public @Nullable String routeName() {
        return routeName;
    }

    /** The route's metadata by filter. */
    public Map<String, Map<String, Object>> routeMetadata() {
        return routeMetadata;
    }

    /** The virtual host's metadata by filter. */
    public Map<String, Map<String, Object>> virtualHostMetadata() {
        return virtualHostMetadata;
    }

    /** Sets what the route that was chosen is called, and the metadata that come with it. */
    public void route(
            String name, Map<String, Map<String, Object>> ofRoute, Map<String, Map<String, Object>> ofVirtualHost) {
        routeName = name;
        routeMetadata = ofRoute;
        virtualHostMetadata = ofVirtualHost;
    }
}
