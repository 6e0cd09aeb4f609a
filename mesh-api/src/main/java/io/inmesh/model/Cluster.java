package io.inmesh.model;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A named set of hosts and how they are reached: {@code envoy.config.cluster.v3.Cluster}.
 *
 * @param name              the name that routes use
 * @param discovery         where its endpoints come from
 * @param balancing         how one of them is chosen
 * @param connectTimeout    for a new connection, TLS included; Envoy's default is 5 s
 * @param defaultThresholds limits for requests of default priority
 * @param highThresholds    limits for requests of high priority
 * @param http              protocol and connection options
 * @param transport         what lies below HTTP on connections to hosts that no match is for
 * @param transportMatches  {@code transport_socket_matches}: the first one that an endpoint matches counts for it instead
 * @param bufferLimit       {@code per_connection_buffer_limit_bytes}, 1 MiB by default: bounds, among others, what a retry may replay
 * @param metadata          {@code metadata.filter_metadata}, as nested maps
 * @param unusable          why this data plane cannot use the cluster as it was configured (a transport socket that it does not know, say),
 *                          or null; calls to it then fail with this text, and nothing is ever sent
 */
public record Cluster(
        String name,
        Discovery discovery,
        Balancing balancing,
        Duration connectTimeout,
        Thresholds defaultThresholds,
        Thresholds highThresholds,
        HttpOptions http,
        TransportSocket transport,
        List<TransportSocket.Match> transportMatches,
        int bufferLimit,
        Map<String, Map<String, Object>> metadata,
        @Nullable String unusable) {

    /** Envoy's default of {@code connect_timeout}. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Envoy's default of {@code per_connection_buffer_limit_bytes}. */
    public static final int DEFAULT_BUFFER_LIMIT = 1 << 20;

    private static final String MATCH_METADATA = "envoy.transport_socket_match";

    /** A cluster whose hosts are reached in the clear. */
    public Cluster(
            String name,
            Discovery discovery,
            Balancing balancing,
            Duration connectTimeout,
            Thresholds defaultThresholds,
            Thresholds highThresholds,
            HttpOptions http,
            int bufferLimit,
            Map<String, Map<String, Object>> metadata,
            @Nullable String unusable) {
        this(
                name,
                discovery,
                balancing,
                connectTimeout,
                defaultThresholds,
                highThresholds,
                http,
                new TransportSocket.Plaintext(),
                List.of(),
                bufferLimit,
                metadata,
                unusable);
    }

    /** A cluster with Envoy's defaults, in the clear. */
    public static Cluster of(String name, Discovery discovery) {
        return new Cluster(
                name,
                discovery,
                Balancing.DEFAULT,
                DEFAULT_CONNECT_TIMEOUT,
                Thresholds.DEFAULT,
                Thresholds.DEFAULT,
                HttpOptions.DEFAULT,
                DEFAULT_BUFFER_LIMIT,
                Map.of(),
                null);
    }

    /** The same with other transport sockets. */
    public Cluster with(TransportSocket newTransport, List<TransportSocket.Match> newMatches) {
        return new Cluster(
                name,
                discovery,
                balancing,
                connectTimeout,
                defaultThresholds,
                highThresholds,
                http,
                newTransport,
                newMatches,
                bufferLimit,
                metadata,
                unusable);
    }

    /** The same with other HTTP options. */
    public Cluster with(HttpOptions newHttp) {
        return new Cluster(
                name,
                discovery,
                balancing,
                connectTimeout,
                defaultThresholds,
                highThresholds,
                newHttp,
                transport,
                transportMatches,
                bufferLimit,
                metadata,
                unusable);
    }

    /**
     * What lies below HTTP on connections to an endpoint: the first match that the endpoint's own metadata fulfils, or else its locality's. Costs a look
     * at the metadata for each match, so not for a request's time.
     */
    public TransportSocket transportFor(Endpoint endpoint, Assignment.LocalityEndpoints locality) {
        TransportSocket matched = match(endpoint.metadata());
        if (matched == null) {
            matched = match(locality.metadata());
        }
        return matched == null ? transport : matched;
    }

    private @Nullable TransportSocket match(Map<String, Map<String, Object>> metadata) {
        Map<String, Object> facts = metadata.getOrDefault(MATCH_METADATA, Map.of());
        for (TransportSocket.Match match : transportMatches) {
            if (facts.entrySet().containsAll(match.criteria().entrySet())) {
                return match.socket();
            }
        }
        return null;
    }

    /** The secrets that its transport sockets name, in their order. */
    public Set<SecretName> secrets() {
        if (transport instanceof TransportSocket.Plaintext && transportMatches.isEmpty()) {
            return Set.of();
        }
        Set<SecretName> names = new LinkedHashSet<>(transport.secrets());
        transportMatches.forEach(match -> names.addAll(match.socket().secrets()));
        return names;
    }

    /** Where endpoints come from. */
    public sealed interface Discovery {
        /** Endpoints by EDS, under this resource name. */
        record Eds(String serviceName) implements Discovery {}

        /** Endpoints within the cluster itself. */
        record Static() implements Discovery {}

        /** Each host name stands for all addresses that DNS gives. */
        record StrictDns(DnsLookup lookup) implements Discovery {}

        /** The one host name stands for the first address that DNS gives. */
        record LogicalDns(DnsLookup lookup) implements Discovery {}

        /**
         * {@code ORIGINAL_DST}: a host for each address that the application itself asked for, made when a request first asks for it. Where a route such as
         * Istio's {@code allow_any} leads here it means what it says: any address that the process can reach, those inside of its network included. An
         * application that passes on what others tell it to call has to look at that itself.
         *
         * @param header  {@code use_http_header} and {@code http_header_name}, lower case: a request's first value of it is the address, as {@code ip:port}, in
         *                place of the application's destination; empty for none
         * @param port    {@code upstream_port_override}, in place of the destination's; 0 for none
         * @param cleanup {@code cleanup_interval}, 5 s by default: how often hosts that are no longer used are looked for
         */
        record OriginalDestination(String header, int port, Duration cleanup) implements Discovery {
            /** Envoy's defaults. */
            public OriginalDestination() {
                this("", 0, Duration.ofSeconds(5));
            }
        }

        /**
         * {@code envoy.clusters.dynamic_forward_proxy}: a host for each authority, as routes have rewritten it, made when a request first asks for it and
         * resolved by DNS. The port is 443 where the cluster speaks TLS and 80 where it does not, unless the authority says another.
         *
         * @param family         which addresses
         * @param refresh        {@code dns_refresh_rate}, 60 s by default: how often hosts that are no longer used are looked for
         * @param failureRefresh for how long a name that has no address is not asked for again; the same as {@code refresh} by default
         * @param queryTimeout   {@code dns_query_timeout}, 5 s by default: how long a request waits for the first address of a name; zero for no limit of its own
         * @param hostTtl        {@code host_ttl}, 5 min by default: a host that is not used for so long goes
         * @param maxHosts       {@code max_hosts}, 1024 by default; requests for more are refused
         */
        record DynamicForwardProxy(
                DnsFamily family,
                Duration refresh,
                Duration failureRefresh,
                Duration queryTimeout,
                Duration hostTtl,
                int maxHosts)
                implements Discovery {
            /** Envoy's defaults. */
            public DynamicForwardProxy() {
                this(
                        DnsFamily.AUTO,
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(5),
                        1024);
            }
        }
    }

    /**
     * How and how often DNS is asked.
     *
     * @param family         which addresses
     * @param refresh        after a success; 5 s by default
     * @param failureRefresh after a failure; the same as {@code refresh} by default
     * @param failureMax     up to which the pause after repeated failures grows
     * @param respectTtl     whether an answer's time to live takes the place of {@code refresh}
     */
    public record DnsLookup(
            DnsFamily family, Duration refresh, Duration failureRefresh, Duration failureMax, boolean respectTtl) {
        /** Envoy's defaults. */
        public static final DnsLookup DEFAULT = new DnsLookup(
                DnsFamily.AUTO, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), false);
    }

    /** {@code DnsLookupFamily}. */
    public enum DnsFamily {
        /** IPv6 addresses; IPv4 ones if there are none. */
        AUTO,
        /** IPv4 addresses only. */
        V4_ONLY,
        /** IPv6 addresses only. */
        V6_ONLY,
        /** IPv4 addresses; IPv6 ones if there are none. */
        V4_PREFERRED,
        /** Both. */
        ALL;

        /** Of all addresses of a host those that count; each family keeps its order. */
        public List<InetAddress> select(List<InetAddress> addresses) {
            List<InetAddress> v4 = new ArrayList<>();
            List<InetAddress> v6 = new ArrayList<>();
            for (InetAddress address : addresses) {
                (address instanceof Inet4Address ? v4 : v6).add(address);
            }
            return switch (this) {
                case V4_ONLY -> v4;
                case V6_ONLY -> v6;
                case AUTO -> v6.isEmpty() ? v4 : v6;
                case V4_PREFERRED -> v4.isEmpty() ? v6 : v4;
                case ALL -> {
                    v6.addAll(v4);
                    yield v6;
                }
            };
        }
    }

    /** The limits of one priority: {@code CircuitBreakers.Thresholds}, each with Envoy's default. */
    public record Thresholds(
            int maxConnections,
            int maxPendingRequests,
            int maxRequests,
            int maxRetries,
            @Nullable RetryBudget retryBudget) {
        /** 1024 connections, pending requests and requests, 3 retries, no budget. */
        public static final Thresholds DEFAULT = new Thresholds(1024, 1024, 1024, 3, null);
    }

    /**
     * Retries as a share of requests; takes the place of {@code max_retries}.
     *
     * @param percent             of the active and pending requests, 0 to 100, 20 by default
     * @param minRetryConcurrency always allowed, 3 by default
     */
    public record RetryBudget(double percent, int minRetryConcurrency) {}

    /** Which version of HTTP a host gets. */
    public enum HttpVersion {
        /** {@code explicit_http_config.http_protocol_options}, and the default. */
        HTTP_1,
        /** {@code explicit_http_config.http2_protocol_options}: without TLS, by prior knowledge. */
        HTTP_2,
        /** {@code auto_config}: what ALPN selects. */
        ALPN,
        /** {@code use_downstream_protocol_config}: as the caller's own request. */
        AS_CALLER
    }

    /**
     * {@code envoy.extensions.upstreams.http.v3.HttpProtocolOptions} and its common part.
     *
     * @param version                  which HTTP
     * @param idleTimeout              of a connection without requests; null = never closed for it; Envoy's default is 1 h
     * @param maxConnectionDuration    after which a connection is drained; null = none
     * @param maxRequestsPerConnection 0 = no limit
     * @param maxConcurrentStreams     of one HTTP/2 connection
     * @param maxResponseHeadersKb     60 by default
     * @param requestSni               what of TLS follows the request
     */
    public record HttpOptions(
            HttpVersion version,
            @Nullable Duration idleTimeout,
            @Nullable Duration maxConnectionDuration,
            int maxRequestsPerConnection,
            int maxConcurrentStreams,
            int maxResponseHeadersKb,
            RequestSni requestSni) {
        /** HTTP/1.1, idle timeout of an hour, no limits. */
        public static final HttpOptions DEFAULT =
                new HttpOptions(HttpVersion.HTTP_1, Duration.ofHours(1), null, 0, 1024, 60);

        /** Options where nothing of TLS follows the request. */
        public HttpOptions(
                HttpVersion version,
                @Nullable Duration idleTimeout,
                @Nullable Duration maxConnectionDuration,
                int maxRequestsPerConnection,
                int maxConcurrentStreams,
                int maxResponseHeadersKb) {
            this(
                    version,
                    idleTimeout,
                    maxConnectionDuration,
                    maxRequestsPerConnection,
                    maxConcurrentStreams,
                    maxResponseHeadersKb,
                    RequestSni.NONE);
        }

        /** The same, but TLS follows the request in this way. */
        public HttpOptions with(RequestSni newRequestSni) {
            return new HttpOptions(
                    version,
                    idleTimeout,
                    maxConnectionDuration,
                    maxRequestsPerConnection,
                    maxConcurrentStreams,
                    maxResponseHeadersKb,
                    newRequestSni);
        }
    }

    /**
     * {@code envoy.config.core.v3.UpstreamHttpProtocolOptions}: TLS by what a request asks for. Connections with different names are not shared. A host
     * that is an IP address leaves the server name as the TLS settings have it; it is verified all the same.
     *
     * @param autoSni           {@code auto_sni}: the server name is the request's host, without a port
     * @param autoSanValidation {@code auto_san_validation}: the same host must be a name in the certificate, in place of configured names
     * @param header            {@code override_auto_sni_header}, lower case: the header that says the host in place of the authority, which counts where the header is missing or empty;
     *                          empty for the authority
     */
    public record RequestSni(boolean autoSni, boolean autoSanValidation, String header) {
        /** Nothing follows the request. */
        public static final RequestSni NONE = new RequestSni(false, false, "");
    }

    /**
     * Choice of a host.
     *
     * @param policy               the algorithm
     * @param panicThreshold       percentage of healthy hosts below which health is ignored; 50 by default, 0 = never
     * @param failInPanic          {@code fail_traffic_on_panic}
     * @param localityWeighted     whether localities are chosen by their weights
     * @param zoneAware            whether the caller's own zone is preferred; null = not
     */
    public record Balancing(
            Policy policy,
            double panicThreshold,
            boolean failInPanic,
            boolean localityWeighted,
            @Nullable ZoneAware zoneAware) {
        /** Round robin with Envoy's defaults. */
        public static final Balancing DEFAULT = new Balancing(new Policy.RoundRobin(), 50, false, false, null);
    }

    /** {@code ZoneAwareLbConfig}: shown in the status; the balancers do not act on it yet. */
    public record ZoneAware(double routingEnabledPercent, long minClusterSize) {}

    /** The algorithm that chooses a host. */
    public sealed interface Policy {
        /** {@code ROUND_ROBIN}, weighted. */
        record RoundRobin() implements Policy {}

        /**
         * {@code LEAST_REQUEST}.
         *
         * @param choiceCount       hosts looked at, at least 2
         * @param activeRequestBias exponent of the active requests when weights differ; 1.0 by default
         */
        record LeastRequest(int choiceCount, double activeRequestBias) implements Policy {}

        /** {@code RANDOM}. */
        record Random() implements Policy {}
    }
}
