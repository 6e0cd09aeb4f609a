package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.OriginalDstLbConfig;
import io.envoyproxy.envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig;
import io.envoyproxy.envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig;
import io.inmesh.model.Cluster.Discovery.DynamicForwardProxy;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.RequestSni;
import java.time.Duration;
import java.util.Locale;

/** Clusters whose requests name their hosts. */
final class RequestHostsDecoder {
    static final ClusterConfig FORWARD_PROXY = ClusterConfig.getDefaultInstance();
    private static final String CONFIG = "cluster_type.typed_config";
    private static final String DEFAULT_HEADER = "x-envoy-original-dst-host";

    private RequestHostsDecoder() {}

    /** {@code ORIGINAL_DST}, with the checks of Envoy's {@code OriginalDstClusterFactory}. */
    static OriginalDestination originalDestination(Cluster cluster, Refusal unusable) {
        if (cluster.getLbPolicy() != Cluster.LbPolicy.CLUSTER_PROVIDED) {
            throw new BadResourceException("lb_policy", "must be CLUSTER_PROVIDED in a cluster of type ORIGINAL_DST");
        }
        if (cluster.hasLoadAssignment()) {
            throw new BadResourceException("load_assignment", "must not be set in a cluster of type ORIGINAL_DST");
        }
        OriginalDstLbConfig config = cluster.getOriginalDstLbConfig();
        if (!config.getUseHttpHeader() && !config.getHttpHeaderName().isEmpty()) {
            throw new BadResourceException("original_dst_lb_config.http_header_name", "needs use_http_header");
        }
        if (config.hasMetadataKey()) {
            unusable.because("original_dst_lb_config.metadata_key: is not supported");
        }
        String header = config.getHttpHeaderName().isEmpty() ? DEFAULT_HEADER : config.getHttpHeaderName();
        return new OriginalDestination(
                config.getUseHttpHeader() ? header.toLowerCase(Locale.ROOT) : "",
                config.getUpstreamPortOverride().getValue(),
                cluster.hasCleanupInterval()
                        ? Values.duration(cluster.getCleanupInterval(), "cleanup_interval")
                        : new OriginalDestination().cleanup());
    }

    /** {@code envoy.clusters.dynamic_forward_proxy}. */
    static DynamicForwardProxy forwardProxy(Any any, Notes notes, Refusal unusable) {
        ClusterConfig config = Values.unpack(any, FORWARD_PROXY, CONFIG, notes);
        if (config.hasSubClustersConfig()) {
            unusable.because(CONFIG + ".sub_clusters_config: is not supported");
        }
        DynamicForwardProxy defaults = new DynamicForwardProxy();
        DnsCacheConfig cache = config.getDnsCacheConfig();
        String path = CONFIG + ".dns_cache_config";
        Duration refresh = cache.hasDnsRefreshRate()
                ? Values.duration(cache.getDnsRefreshRate(), path + ".dns_refresh_rate")
                : defaults.refresh();
        Duration failure = cache.hasDnsFailureRefreshRate()
                ? ClusterDecoder.positive(
                        cache.getDnsFailureRefreshRate().getBaseInterval(),
                        path + ".dns_failure_refresh_rate.base_interval")
                : refresh;
        return new DynamicForwardProxy(
                DiscoveryDecoder.family(cache.getDnsLookupFamily()),
                refresh,
                cache.getDisableDnsRefreshOnFailure() ? Duration.ZERO : failure,
                cache.hasDnsQueryTimeout()
                        ? Values.duration(cache.getDnsQueryTimeout(), path + ".dns_query_timeout")
                        : defaults.queryTimeout(),
                cache.hasHostTtl() ? Values.duration(cache.getHostTtl(), path + ".host_ttl") : defaults.hostTtl(),
                cache.hasMaxHosts() ? Values.count(cache.getMaxHosts()) : defaults.maxHosts());
    }

    /** Hosts that a request names are verified to be them, unless the cluster says that it need not be so. */
    @SuppressWarnings("deprecation") // the cluster's own field counts where the extension is not used
    static HttpOptions secured(HttpOptions http, Cluster cluster) {
        boolean says = cluster.containsTypedExtensionProtocolOptions(HttpOptionsDecoder.KEY)
                || cluster.hasUpstreamHttpProtocolOptions();
        HttpOptions secured = says ? http : http.with(new RequestSni(true, true, ""));
        RequestSni sni = secured.requestSni();
        boolean insecure = Values.parse(cluster.getClusterType().getTypedConfig(), FORWARD_PROXY, CONFIG)
                .getAllowInsecureClusterOptions();
        if (!insecure && !(sni.autoSni() && sni.autoSanValidation())) {
            throw new BadResourceException(
                    CONFIG, "needs auto_sni and auto_san_validation, or allow_insecure_cluster_options");
        }
        return secured;
    }
}
