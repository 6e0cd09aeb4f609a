package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtCacheConfig;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks;
import io.inmesh.model.DataSource;
import io.inmesh.model.JwtKeys;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtProvider.Cache;
import io.inmesh.model.JwtProvider.ClaimHeader;
import io.inmesh.model.JwtProvider.Forwarding;
import io.inmesh.model.JwtProvider.HeaderLocation;
import io.inmesh.model.JwtProvider.Lifetime;
import io.inmesh.model.JwtProvider.Locations;
import io.inmesh.model.JwtProvider.Metadata;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RetryPolicy.Condition;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** {@code JwtProvider}. */
final class JwtProviderDecoder {
    private static final long DEFAULT_SKEW_SECONDS = 60;
    private static final int DEFAULT_CACHE_ENTRIES = 100;
    private static final int DEFAULT_CACHED_TOKEN_BYTES = 4096;
    private static final Duration DEFAULT_CACHE_DURATION = Duration.ofMinutes(10);
    private static final Duration DEFAULT_FAILED_REFETCH = Duration.ofSeconds(1);

    /** What Envoy's {@code Http::Utility::convertCoreToRouteRetryPolicy} is given for a fetch. */
    private static final Condition[] RETRY_ON = {
        Condition.FIVE_XX, Condition.GATEWAY_ERROR, Condition.CONNECT_FAILURE, Condition.RESET
    };

    private JwtProviderDecoder() {}

    static JwtProvider decode(
            io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider provider, String path) {
        return new JwtProvider(
                provider.getIssuer(),
                List.copyOf(provider.getAudiencesList()),
                provider.hasSubjects() ? MatcherDecoder.string(provider.getSubjects(), path + ".subjects") : null,
                new Lifetime(
                        provider.getRequireExpiration(),
                        provider.hasMaxLifetime()
                                ? Values.duration(provider.getMaxLifetime(), path + ".max_lifetime")
                                : null,
                        provider.getClockSkewSeconds() == 0
                                ? DEFAULT_SKEW_SECONDS
                                : Integer.toUnsignedLong(provider.getClockSkewSeconds())),
                provider.hasRemoteJwks()
                        ? remote(provider.getRemoteJwks(), path + ".remote_jwks")
                        : new JwtKeys.Local(local(provider.getLocalJwks(), path + ".local_jwks")),
                locations(provider),
                forwarding(provider),
                new Metadata(
                        provider.getPayloadInMetadata(),
                        List.copyOf(provider.getNormalizePayloadInMetadata().getSpaceDelimitedClaimsList()),
                        provider.getHeaderInMetadata(),
                        provider.getFailedStatusInMetadata()),
                provider.hasJwtCacheConfig() ? cache(provider.getJwtCacheConfig()) : null);
    }

    private static Locations locations(io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider provider) {
        return new Locations(
                provider.getFromHeadersList().stream()
                        .map(header -> new HeaderLocation(lowerCase(header.getName()), header.getValuePrefix()))
                        .toList(),
                List.copyOf(provider.getFromParamsList()),
                List.copyOf(provider.getFromCookiesList()),
                provider.getForward());
    }

    private static Forwarding forwarding(
            io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider provider) {
        return new Forwarding(
                lowerCase(provider.getForwardPayloadHeader()),
                provider.getPadForwardPayloadHeader(),
                provider.getClaimToHeadersList().stream()
                        .map(claim -> new ClaimHeader(lowerCase(claim.getHeaderName()), claim.getClaimName()))
                        .toList(),
                provider.getClearRouteCache());
    }

    private static Cache cache(JwtCacheConfig cache) {
        return new Cache(
                cache.getJwtCacheSize() == 0 ? DEFAULT_CACHE_ENTRIES : Values.count(cache.getJwtCacheSize()),
                cache.getJwtMaxTokenSize() == 0
                        ? DEFAULT_CACHED_TOKEN_BYTES
                        : Values.count(cache.getJwtMaxTokenSize()));
    }

    private static DataSource local(io.envoyproxy.envoy.config.core.v3.DataSource source, String path) {
        return switch (source.getSpecifierCase()) {
            case INLINE_STRING -> DataSource.Inline.of(source.getInlineString());
            case INLINE_BYTES -> new DataSource.Inline(source.getInlineBytes().toByteArray());
            case FILENAME -> new DataSource.File(source.getFilename(), null);
            case ENVIRONMENT_VARIABLE -> new DataSource.Environment(source.getEnvironmentVariable());
            case SPECIFIER_NOT_SET -> throw new BadResourceException(path, "has no specifier");
        };
    }

    private static JwtKeys remote(RemoteJwks remote, String path) {
        HttpUri uri = remote.getHttpUri();
        requireUri(uri.getUri(), path + ".http_uri.uri");
        return new JwtKeys.Remote(
                uri.getUri(),
                uri.getCluster(),
                Values.duration(uri.getTimeout(), path + ".http_uri.timeout"),
                remote.hasCacheDuration()
                        ? Values.duration(remote.getCacheDuration(), path + ".cache_duration")
                        : DEFAULT_CACHE_DURATION,
                remote.hasAsyncFetch()
                        ? new JwtKeys.AsyncFetch(
                                remote.getAsyncFetch().getFastListener(),
                                remote.getAsyncFetch().hasFailedRefetchDuration()
                                        ? Values.duration(
                                                remote.getAsyncFetch().getFailedRefetchDuration(),
                                                path + ".async_fetch.failed_refetch_duration")
                                        : DEFAULT_FAILED_REFETCH)
                        : null,
                remote.hasRetryPolicy() ? retries(remote.getRetryPolicy(), path + ".retry_policy") : null);
    }

    private static void requireUri(String text, String path) {
        try {
            URI uri = new URI(text);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getRawAuthority() != null) {
                return;
            }
        } catch (URISyntaxException e) {
            throw new BadResourceException(path, "is not a URI: " + e.getMessage());
        }
        throw new BadResourceException(path, "must be an absolute URI of http or https");
    }

    private static RetryPolicy retries(io.envoyproxy.envoy.config.core.v3.RetryPolicy policy, String path) {
        RetryPolicy plain = RetryPolicy.of(policy.hasNumRetries() ? Values.count(policy.getNumRetries()) : 1, RETRY_ON);
        if (!policy.hasRetryBackOff()) {
            // Envoy's conversion writes its own default into the policy: 1 s and ten times that.
            return backOff(plain, new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(10)));
        }
        Duration base =
                Values.duration(policy.getRetryBackOff().getBaseInterval(), path + ".retry_back_off.base_interval");
        Duration max = policy.getRetryBackOff().hasMaxInterval()
                ? Values.duration(policy.getRetryBackOff().getMaxInterval(), path + ".retry_back_off.max_interval")
                : base.multipliedBy(10);
        if (max.compareTo(base) < 0) {
            throw new BadResourceException(path + ".retry_back_off.max_interval", "must not be below base_interval");
        }
        return backOff(plain, new BackOff(base, max));
    }

    private static RetryPolicy backOff(RetryPolicy plain, BackOff backOff) {
        return new RetryPolicy(
                plain.retryOn(),
                plain.numRetries(),
                plain.perTryTimeout(),
                plain.perTryIdleTimeout(),
                plain.hostPredicates(),
                plain.hostSelectionAttempts(),
                plain.retriableStatusCodes(),
                backOff,
                plain.rateLimitedBackOff(),
                plain.retriableHeaders(),
                plain.retriableRequestHeaders());
    }

    private static String lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
