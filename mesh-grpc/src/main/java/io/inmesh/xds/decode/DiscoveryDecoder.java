package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.clusters.dns.v3.DnsCluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.Cluster.DnsLookup;
import java.time.Duration;

/** Where a cluster's endpoints come from. */
final class DiscoveryDecoder {
    private static final DnsCluster DNS = DnsCluster.getDefaultInstance();
    private static final int MAX_OVER_BASE = 10;

    private DiscoveryDecoder() {}

    static Discovery decode(Cluster cluster, Notes notes, Refusal unusable) {
        if (cluster.hasClusterType()) {
            return extension(cluster, notes, unusable);
        }
        return switch (cluster.getType()) {
            case STATIC, UNRECOGNIZED -> new Discovery.Static();
            case STRICT_DNS -> new Discovery.StrictDns(lookup(cluster));
            case LOGICAL_DNS -> new Discovery.LogicalDns(lookup(cluster));
            case EDS -> eds(cluster, notes);
            case ORIGINAL_DST -> RequestHostsDecoder.originalDestination(cluster, unusable);
        };
    }

    private static Discovery eds(Cluster cluster, Notes notes) {
        if (!cluster.getEdsClusterConfig().hasEdsConfig()) {
            throw new BadResourceException("eds_cluster_config.eds_config", "is required of a cluster of type EDS");
        }
        ConfigSources.noteOthers(cluster.getEdsClusterConfig().getEdsConfig(), "eds_cluster_config.eds_config", notes);
        String service = cluster.getEdsClusterConfig().getServiceName();
        return new Discovery.Eds(service.isEmpty() ? cluster.getName() : service);
    }

    private static Discovery extension(Cluster cluster, Notes notes, Refusal unusable) {
        Any config = cluster.getClusterType().getTypedConfig();
        String path = "cluster_type.typed_config";
        if (Values.is(config, DNS)) {
            DnsCluster dns = Values.unpack(config, DNS, path, notes);
            DnsLookup lookup = lookup(dns, path);
            return dns.getAllAddressesInSingleEndpoint()
                    ? new Discovery.LogicalDns(lookup)
                    : new Discovery.StrictDns(lookup);
        }
        if (Values.is(config, RequestHostsDecoder.FORWARD_PROXY)) {
            return RequestHostsDecoder.forwardProxy(config, notes, unusable);
        }
        unusable.because("cluster_type: \"" + cluster.getClusterType().getName() + "\" is not supported");
        return new Discovery.OriginalDestination();
    }

    @SuppressWarnings("deprecation") // what control planes send; the DNS cluster extension is newer than most of them
    private static DnsLookup lookup(Cluster cluster) {
        Duration refresh = cluster.hasDnsRefreshRate()
                ? ClusterDecoder.positive(cluster.getDnsRefreshRate(), "dns_refresh_rate")
                : DnsLookup.DEFAULT.refresh();
        Duration failure = refresh;
        Duration failureMax = refresh;
        if (cluster.hasDnsFailureRefreshRate()) {
            var rate = cluster.getDnsFailureRefreshRate();
            failure = ClusterDecoder.positive(rate.getBaseInterval(), "dns_failure_refresh_rate.base_interval");
            failureMax = rate.hasMaxInterval()
                    ? ClusterDecoder.positive(rate.getMaxInterval(), "dns_failure_refresh_rate.max_interval")
                    : failure.multipliedBy(MAX_OVER_BASE);
        }
        requireOrder(failure, failureMax, "dns_failure_refresh_rate.max_interval");
        return new DnsLookup(
                family(cluster.getDnsLookupFamily()), refresh, failure, failureMax, cluster.getRespectDnsTtl());
    }

    private static DnsLookup lookup(DnsCluster dns, String path) {
        Duration refresh = dns.hasDnsRefreshRate()
                ? ClusterDecoder.positive(dns.getDnsRefreshRate(), path + ".dns_refresh_rate")
                : DnsLookup.DEFAULT.refresh();
        Duration failure = refresh;
        Duration failureMax = refresh;
        if (dns.hasDnsFailureRefreshRate()) {
            String at = path + ".dns_failure_refresh_rate";
            var rate = dns.getDnsFailureRefreshRate();
            failure = ClusterDecoder.positive(rate.getBaseInterval(), at + ".base_interval");
            failureMax = rate.hasMaxInterval()
                    ? ClusterDecoder.positive(rate.getMaxInterval(), at + ".max_interval")
                    : failure.multipliedBy(MAX_OVER_BASE);
        }
        requireOrder(failure, failureMax, path + ".dns_failure_refresh_rate.max_interval");
        return new DnsLookup(
                switch (dns.getDnsLookupFamily()) {
                    case UNSPECIFIED, AUTO, UNRECOGNIZED -> DnsFamily.AUTO;
                    case V4_ONLY -> DnsFamily.V4_ONLY;
                    case V6_ONLY -> DnsFamily.V6_ONLY;
                    case V4_PREFERRED -> DnsFamily.V4_PREFERRED;
                    case ALL -> DnsFamily.ALL;
                },
                refresh,
                failure,
                failureMax,
                dns.getRespectDnsTtl());
    }

    static DnsFamily family(Cluster.DnsLookupFamily family) {
        return switch (family) {
            case AUTO, UNRECOGNIZED -> DnsFamily.AUTO;
            case V4_ONLY -> DnsFamily.V4_ONLY;
            case V6_ONLY -> DnsFamily.V6_ONLY;
            case V4_PREFERRED -> DnsFamily.V4_PREFERRED;
            case ALL -> DnsFamily.ALL;
        };
    }

    private static void requireOrder(Duration base, Duration max, String path) {
        if (max.compareTo(base) < 0) {
            throw new BadResourceException(path, "must be at least base_interval");
        }
    }
}
