package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.BackoffStrategy;
import io.envoyproxy.envoy.config.core.v3.HttpUri;
import io.envoyproxy.envoy.config.core.v3.RetryPolicy;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.FilterStateRule;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwksAsyncFetch;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtCacheConfig;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.ProviderWithAudiences;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;

/** Fields of authentication by JWT. In these, whatever is not declared makes the filter refuse all requests. */
final class JwtFields {
    private JwtFields() {}

    static void declare(SupportedFields fields) {
        fields.type(JwtAuthentication.getDescriptor())
                .supported(
                        "providers",
                        "rules",
                        "filter_state_rules",
                        "bypass_cors_preflight",
                        "requirement_map",
                        "strip_failure_response")
                .noEffect("stat_prefix");
        fields.type(PerRouteConfig.getDescriptor()).supported("disabled", "requirement_name");
        fields.type(RequirementRule.getDescriptor()).supported("match", "requires", "requirement_name");
        fields.type(FilterStateRule.getDescriptor()).supported("name", "requires");
        fields.type(JwtRequirement.getDescriptor())
                .supported(
                        "provider_name",
                        "provider_and_audiences",
                        "requires_any",
                        "requires_all",
                        "allow_missing_or_failed",
                        "allow_missing");
        fields.type(ProviderWithAudiences.getDescriptor()).supported("provider_name", "audiences");
        fields.type(JwtRequirementOrList.getDescriptor()).supported("requirements");
        fields.type(JwtRequirementAndList.getDescriptor()).supported("requirements");
        declareProviders(fields);
    }

    private static void declareProviders(SupportedFields fields) {
        fields.type(JwtProvider.getDescriptor())
                .supported(
                        "issuer",
                        "audiences",
                        "subjects",
                        "require_expiration",
                        "max_lifetime",
                        "remote_jwks",
                        "local_jwks",
                        "forward",
                        "from_headers",
                        "from_params",
                        "from_cookies",
                        "forward_payload_header",
                        "pad_forward_payload_header",
                        "payload_in_metadata",
                        "normalize_payload_in_metadata",
                        "header_in_metadata",
                        "failed_status_in_metadata",
                        "clock_skew_seconds",
                        "jwt_cache_config",
                        "claim_to_headers",
                        "clear_route_cache");
        fields.type(JwtProvider.NormalizePayload.getDescriptor()).supported("space_delimited_claims");
        fields.type(JwtHeader.getDescriptor()).supported("name", "value_prefix");
        fields.type(JwtClaimToHeader.getDescriptor()).supported("header_name", "claim_name");
        fields.type(JwtCacheConfig.getDescriptor()).supported("jwt_cache_size", "jwt_max_token_size");
        fields.type(RemoteJwks.getDescriptor()).supported("http_uri", "cache_duration", "async_fetch", "retry_policy");
        // Requests wait for the first keys here, whatever the listener does.
        fields.type(JwksAsyncFetch.getDescriptor())
                .supported("failed_refetch_duration")
                .noEffect("fast_listener");
        fields.type(HttpUri.getDescriptor()).supported("uri", "cluster", "timeout");
        // Envoy itself takes no more than these over for a fetch; what else is set restricts no request.
        fields.type(RetryPolicy.getDescriptor())
                .supported("retry_back_off", "num_retries")
                .noEffect("retry_on", "retry_priority", "retry_host_predicate", "host_selection_retry_max_attempts");
        fields.type(BackoffStrategy.getDescriptor()).supported("base_interval", "max_interval");
    }
}
