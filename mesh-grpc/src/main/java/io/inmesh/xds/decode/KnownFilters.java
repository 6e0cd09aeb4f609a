package io.inmesh.xds.decode;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What leaving out a filter of Envoy's or Istio's would mean. A filter that is in neither list might decide who may do what, and is refused.
 */
final class KnownFilters {
    private static final String HTTP = "envoy.extensions.filters.http.";
    private static final String NETWORK = "envoy.extensions.filters.network.";

    /** Type to the reason why nothing is lost. */
    private static final Map<String, String> DECORATIVE = Map.ofEntries(
            // Without it, a browser gets no permission that it would have got, and never one that it would not.
            Map.entry(
                    HTTP + "cors.v3.Cors",
                    "answers the preflight requests of browsers where a route has a policy for it, which is shown"),
            Map.entry(
                    HTTP + "dynamic_forward_proxy.v3.FilterConfig",
                    "resolves the names of hosts for clusters that do it themselves here"),
            Map.entry(HTTP + "grpc_stats.v3.FilterConfig", "counts messages for Envoy's statistics"),
            Map.entry(HTTP + "grpc_web.v3.GrpcWeb", "translates for browsers"),
            Map.entry(
                    HTTP + "on_demand.v3.OnDemand",
                    "asks for configuration when a request comes; here the session does that"),
            Map.entry(HTTP + "upstream_codec.v3.UpstreamCodec", "stands for the connection itself"),
            Map.entry(PeerMetadataFields.TYPE, "exchanges labels for telemetry"),
            Map.entry("io.istio.http.connect_baggage.Config", "reads the labels of a tunnel's client, for telemetry"),
            Map.entry(
                    "envoy.tcp.metadataexchange.config.MetadataExchange",
                    "exchanges labels for telemetry, on connections whose ALPN is istio-peer-exchange: none of HTTP"));

    /** Type to what does not happen. */
    private static final Map<String, String> UNSUPPORTED = Map.ofEntries(
            Map.entry(
                    HTTP + "cors.v3.CorsPolicy",
                    "preflight requests of browsers are not answered, and no origin is told what it may do"),
            Map.entry(HTTP + "fault.v3.HTTPFault", "no fault is injected"),
            Map.entry(HTTP + "dynamic_forward_proxy.v3.PerRouteConfig", "the host is not rewritten"),
            Map.entry(HTTP + "compressor.v3.Compressor", "nothing is compressed"),
            Map.entry(HTTP + "decompressor.v3.Decompressor", "nothing is decompressed"),
            Map.entry(HTTP + "buffer.v3.Buffer", "requests are not buffered"),
            Map.entry(HTTP + "bandwidth_limit.v3.BandwidthLimit", "bandwidth is not limited"),
            Map.entry(HTTP + "adaptive_concurrency.v3.AdaptiveConcurrency", "concurrency is not adapted"),
            Map.entry(HTTP + "admission_control.v3.AdmissionControl", "admission is not controlled"),
            Map.entry(HTTP + "header_to_metadata.v3.Config", "no metadata is made of headers"),
            Map.entry(HTTP + "set_metadata.v3.Config", "no metadata is set"),
            Map.entry(HTTP + "stateful_session.v3.StatefulSession", "sessions do not stick to a host"),
            Map.entry(HTTP + "tap.v3.Tap", "nothing is tapped"),
            // Of the same name for requests and for connections.
            Map.entry("stats.PluginConfig", "Istio's standard metrics are not counted"));

    private static final Map<String, String> SECURITY = Map.ofEntries(
            Map.entry(HTTP + "ext_authz.v3.ExtAuthz", "external authorization"),
            Map.entry(HTTP + "ext_authz.v3.ExtAuthzPerRoute", "external authorization"),
            Map.entry(HTTP + "ratelimit.v3.RateLimit", "rate limiting"),
            Map.entry(HTTP + "ratelimit.v3.RateLimitPerRoute", "rate limiting"),
            Map.entry(HTTP + "local_ratelimit.v3.LocalRateLimit", "local rate limiting (Kuma's MeshRateLimit)"),
            Map.entry(
                    NETWORK + "local_ratelimit.v3.LocalRateLimit",
                    "limiting the rate of connections (Kuma's MeshRateLimit)"),
            Map.entry(
                    "istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig",
                    "authentication of Istio 1.9 and before"),
            Map.entry(
                    "istio.envoy.config.filter.http.misdirected_request.v1alpha1.FilterConfig",
                    "the refusal of requests for another server name"),
            Map.entry("io.istio.http.connect_authority.Config", "the destination inside of a tunnel"));

    /**
     * Type to what it decides for requests that come in, which a caller of others may do without: how much is let in, or the metadata that rules of authorization look
     * at. Left out, a server would let in what it should not.
     */
    private static final Map<String, String> AT_SERVER = Map.ofEntries(
            Map.entry(HTTP + "buffer.v3.Buffer", "the limit of a request's size"),
            Map.entry(HTTP + "bandwidth_limit.v3.BandwidthLimit", "the limit of bandwidth"),
            Map.entry(HTTP + "adaptive_concurrency.v3.AdaptiveConcurrency", "the limit of concurrency"),
            Map.entry(HTTP + "admission_control.v3.AdmissionControl", "admission control"),
            Map.entry(HTTP + "header_to_metadata.v3.Config", "metadata for authorization"),
            Map.entry(HTTP + "set_metadata.v3.Config", "metadata for authorization"));

    private KnownFilters() {}

    /** What it decides for requests that come in, though a client may pass it over; null if it decides nothing there. */
    static @Nullable String decidesAtServer(String typeName) {
        return AT_SERVER.get(typeName);
    }

    /** Why nothing is lost without it; null if something is, or if the filter is not known. */
    static @Nullable String harmless(String typeName) {
        return DECORATIVE.get(typeName);
    }

    /** What does not happen without it; null if the filter is not one that may be left out. */
    static @Nullable String missed(String typeName) {
        return UNSUPPORTED.get(typeName);
    }

    /** What it protects; null if it is not known to. */
    static @Nullable String protects(String typeName) {
        return SECURITY.get(typeName);
    }

    /** For the support table. */
    static Map<String, Map<String, String>> all() {
        return Map.of(
                "decorative", DECORATIVE, "unsupported", UNSUPPORTED, "security", SECURITY, "at a server", AT_SERVER);
    }
}
