package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.UpstreamHttpProtocolOptions;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.RequestSni;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which HTTP a cluster's hosts get, and the limits of their connections. */
final class HttpOptionsDecoder {
    /** The one key of {@code typed_extension_protocol_options} that counts. */
    static final String KEY = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    private static final io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions TYPE =
            io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.getDefaultInstance();

    private HttpOptionsDecoder() {}

    /** @param unusable told why the cluster cannot be used with these options */
    static HttpOptions decode(Cluster cluster, Notes notes, Refusal unusable) {
        Any typed = null;
        for (var entry : cluster.getTypedExtensionProtocolOptionsMap().entrySet()) {
            if (entry.getKey().equals(KEY)) {
                typed = entry.getValue();
            } else {
                notes.unsupported(Paths.entry("", "typed_extension_protocol_options", entry.getKey()));
            }
        }
        return typed == null ? deprecated(cluster, notes) : typed(typed, cluster, notes, unusable);
    }

    @SuppressWarnings("deprecation") // control planes still send the fields of the cluster itself
    private static HttpOptions deprecated(Cluster cluster, Notes notes) {
        HttpVersion version = HttpVersion.HTTP_1;
        if (cluster.getProtocolSelection() == Cluster.ClusterProtocolSelection.USE_DOWNSTREAM_PROTOCOL) {
            version = HttpVersion.AS_CALLER;
        } else if (cluster.hasHttp2ProtocolOptions()) {
            version = HttpVersion.HTTP_2;
        }
        return options(
                version,
                cluster.getCommonHttpProtocolOptions(),
                "common_http_protocol_options",
                cluster.getHttp2ProtocolOptions(),
                cluster.getMaxRequestsPerConnection(),
                requestSni(cluster.getUpstreamHttpProtocolOptions()),
                notes);
    }

    @SuppressWarnings("deprecation") // max_requests_per_connection of the cluster counts if the newer field is unset
    private static HttpOptions typed(Any any, Cluster cluster, Notes notes, Refusal unusable) {
        String path = Paths.entry("", "typed_extension_protocol_options", KEY);
        if (!Values.is(any, TYPE)) {
            throw new BadResourceException(path, "must be an " + KEY + ", is " + any.getTypeUrl());
        }
        var options = Values.unpack(any, TYPE, path, notes);
        HttpVersion version;
        Http2ProtocolOptions http2;
        if (options.getExplicitHttpConfig().getHttpProtocolOptions().hasHeaderKeyFormat()
                || options.getUseDownstreamProtocolConfig()
                        .getHttpProtocolOptions()
                        .hasHeaderKeyFormat()
                || options.getAutoConfig().getHttpProtocolOptions().hasHeaderKeyFormat()) {
            notes.unsupported(path + ".http_protocol_options.header_key_format", ClientRulesDecoder.LOWER_CASE);
        }
        switch (options.getUpstreamProtocolOptionsCase()) {
            case EXPLICIT_HTTP_CONFIG -> {
                var explicit = options.getExplicitHttpConfig();
                version = explicit.hasHttp2ProtocolOptions() ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1;
                http2 = explicit.getHttp2ProtocolOptions();
                if (explicit.hasHttp3ProtocolOptions()) {
                    unusable.because(path + ".explicit_http_config: HTTP/3 is not supported");
                }
            }
            case USE_DOWNSTREAM_PROTOCOL_CONFIG -> {
                version = HttpVersion.AS_CALLER;
                http2 = options.getUseDownstreamProtocolConfig().getHttp2ProtocolOptions();
            }
            case AUTO_CONFIG -> {
                version = HttpVersion.ALPN;
                http2 = options.getAutoConfig().getHttp2ProtocolOptions();
            }
            default -> throw new BadResourceException(path, "names no protocol");
        }
        checkFilters(options, path, notes, unusable);
        UInt32Value limit = cluster.getMaxRequestsPerConnection();
        return options(
                version,
                options.getCommonHttpProtocolOptions(),
                path + ".common_http_protocol_options",
                http2,
                limit,
                requestSni(options.getUpstreamHttpProtocolOptions()),
                notes);
    }

    /** Filters between the router and the host. */
    private static void checkFilters(
            io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions options,
            String path,
            Notes notes,
            Refusal unusable) {
        for (int i = 0; i < options.getHttpFiltersCount(); i++) {
            String type =
                    Values.typeName(options.getHttpFilters(i).getTypedConfig().getTypeUrl());
            String at = Paths.element(path, "http_filters", i);
            if (KnownFilters.missed(type) != null
                    || type.equals(
                            HeaderMutationDecoder.TYPE.getDescriptorForType().getFullName())) {
                notes.unsupported(at, type);
            } else if (KnownFilters.harmless(type) == null) {
                unusable.because(at + ": the upstream filter " + type + " is not supported");
            }
        }
    }

    private static HttpOptions options(
            HttpVersion version,
            HttpProtocolOptions common,
            String path,
            Http2ProtocolOptions http2,
            UInt32Value clusterLimit,
            RequestSni requestSni,
            Notes notes) {
        if (Values.limit(common.getMaxStreamDuration(), path + ".max_stream_duration") != null) {
            notes.unsupported(path + ".max_stream_duration");
        }
        if (common.hasMaxHeadersCount()) {
            notes.unsupported(path + ".max_headers_count");
        }
        UInt32Value limit = common.hasMaxRequestsPerConnection() ? common.getMaxRequestsPerConnection() : clusterLimit;
        HttpOptions defaults = HttpOptions.DEFAULT;
        return new HttpOptions(
                version,
                idle(common, path),
                Values.limit(common.getMaxConnectionDuration(), path + ".max_connection_duration"),
                Values.count(limit),
                http2.hasMaxConcurrentStreams()
                        ? Values.count(http2.getMaxConcurrentStreams())
                        : defaults.maxConcurrentStreams(),
                common.hasMaxResponseHeadersKb()
                        ? Values.count(common.getMaxResponseHeadersKb())
                        : defaults.maxResponseHeadersKb(),
                requestSni);
    }

    private static RequestSni requestSni(UpstreamHttpProtocolOptions options) {
        return new RequestSni(
                options.getAutoSni(),
                options.getAutoSanValidation(),
                options.getOverrideAutoSniHeader().toLowerCase(Locale.ROOT));
    }

    private static @Nullable Duration idle(HttpProtocolOptions common, String path) {
        // "If not set, the default is 1 hour. To disable idle timeouts explicitly set this to 0."
        return common.hasIdleTimeout()
                ? Values.limit(common.getIdleTimeout(), path + ".idle_timeout")
                : HttpOptions.DEFAULT.idleTimeout();
    }
}
