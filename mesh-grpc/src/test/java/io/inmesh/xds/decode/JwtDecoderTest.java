package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import io.inmesh.model.DataSource;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.JwtAuthentication;
import io.inmesh.model.JwtAuthentication.FilterStateRules;
import io.inmesh.model.JwtAuthentication.Rule;
import io.inmesh.model.JwtKeys;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtProvider.Cache;
import io.inmesh.model.JwtProvider.ClaimHeader;
import io.inmesh.model.JwtProvider.Forwarding;
import io.inmesh.model.JwtProvider.HeaderLocation;
import io.inmesh.model.JwtProvider.Lifetime;
import io.inmesh.model.JwtProvider.Locations;
import io.inmesh.model.JwtProvider.Metadata;
import io.inmesh.model.JwtRequirement;
import io.inmesh.model.JwtRequirement.AllOf;
import io.inmesh.model.JwtRequirement.AllowAll;
import io.inmesh.model.JwtRequirement.AllowMissing;
import io.inmesh.model.JwtRequirement.AllowMissingOrFailed;
import io.inmesh.model.JwtRequirement.AnyOf;
import io.inmesh.model.JwtRouteConfig;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.StringMatcher;
import io.inmesh.xds.files.YamlMessages;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtDecoderTest {
    private static final String LOCAL = "local_jwks: {inline_string: '{}'}";

    private final Notes notes = new Notes();

    @Test
    void decode_providerThatSaysEverything_isReadWhole() {
        JwtProvider provider = provider("""
                issuer: i
                audiences: [a, b]
                subjects: {prefix: 'spiffe://'}
                require_expiration: true
                max_lifetime: 3600s
                local_jwks: {inline_string: 'keys'}
                forward: true
                from_headers: [{name: X-Token, value_prefix: 'Token '}]
                from_params: [t]
                from_cookies: [c]
                forward_payload_header: X-Payload
                pad_forward_payload_header: true
                payload_in_metadata: p
                normalize_payload_in_metadata: {space_delimited_claims: [scope]}
                header_in_metadata: h
                failed_status_in_metadata: f
                clock_skew_seconds: 7
                jwt_cache_config: {jwt_cache_size: 9, jwt_max_token_size: 99}
                claim_to_headers: [{header_name: X-Sub, claim_name: sub}]
                clear_route_cache: true
                """);

        assertThat(provider)
                .isEqualTo(new JwtProvider(
                        "i",
                        List.of("a", "b"),
                        new StringMatcher.Prefix("spiffe://", false),
                        new Lifetime(true, Duration.ofHours(1), 7),
                        new JwtKeys.Local(DataSource.Inline.of("keys")),
                        new Locations(
                                List.of(new HeaderLocation("x-token", "Token ")), List.of("t"), List.of("c"), true),
                        new Forwarding("x-payload", true, List.of(new ClaimHeader("x-sub", "sub")), true),
                        new Metadata("p", List.of("scope"), "h", "f"),
                        new Cache(9, 99)));
        assertThat(notes.unsupported()).isEmpty();
    }

    @Test
    void decode_providerThatSaysLittle_hasEnvoysDefaults() {
        assertThat(provider(LOCAL + "\njwt_cache_config: {}"))
                .isEqualTo(new JwtProvider(
                        "",
                        List.of(),
                        null,
                        Lifetime.DEFAULT,
                        new JwtKeys.Local(DataSource.Inline.of("{}")),
                        Locations.DEFAULT,
                        Forwarding.NONE,
                        Metadata.NONE,
                        new Cache(100, 4096)));
        assertThat(provider(LOCAL).cache()).isNull();
    }

    @Test
    void decode_remoteKeys_haveTheirTimesAndRetries() {
        JwtKeys.Remote plain = (JwtKeys.Remote)
                provider("remote_jwks: {http_uri: {uri: 'https://a.example/keys', cluster: c, timeout: 1s}}")
                        .keys();
        JwtKeys.Remote full = (JwtKeys.Remote) provider("""
                        remote_jwks:
                          http_uri: {uri: 'http://a.example/keys', cluster: c, timeout: 2s}
                          cache_duration: 60s
                          async_fetch: {fast_listener: true, failed_refetch_duration: 10s}
                          retry_policy: {num_retries: 3, retry_back_off: {base_interval: 0.1s}}
                        """).keys();

        assertThat(plain)
                .isEqualTo(new JwtKeys.Remote(
                        "https://a.example/keys", "c", Duration.ofSeconds(1), Duration.ofMinutes(10), null, null));
        assertThat(full.cacheDuration()).isEqualTo(Duration.ofMinutes(1));
        assertThat(full.async()).isEqualTo(new JwtKeys.AsyncFetch(true, Duration.ofSeconds(10)));
        assertThat(Objects.requireNonNull(full.retryPolicy()).numRetries()).isEqualTo(3);
        assertThat(full.retryPolicy().backOff()).isEqualTo(new BackOff(Duration.ofMillis(100), Duration.ofSeconds(1)));
    }

    @Test
    void decode_rulesAndRequirements_areTreesWithNamesResolved() {
        JwtAuthentication filter = accepted("""
                providers: {a: {LOCAL}, b: {LOCAL}}
                requirement_map: {both: {requires_all: {requirements: [{provider_name: a}, {provider_name: b}]}}}
                rules:
                - match: {prefix: /both}
                  requirement_name: both
                - match: {path: /any}
                  requires:
                    requires_any:
                      requirements:
                      - provider_and_audiences: {provider_name: a, audiences: [x]}
                      - allow_missing: {}
                      - requires_all: {requirements: [{allow_missing_or_failed: {}}, {}]}
                - match: {prefix: /}
                filter_state_rules: {name: s, requires: {v: {provider_name: b}}}
                bypass_cors_preflight: true
                strip_failure_response: true
                stat_prefix: ours
                """.replace("LOCAL", LOCAL));

        AllOf both = new AllOf(
                List.of(new JwtRequirement.Provider("a", List.of()), new JwtRequirement.Provider("b", List.of())));
        assertThat(filter.requirementMap()).isEqualTo(Map.of("both", both));
        assertThat(filter.rules())
                .extracting(Rule::requirement)
                .containsExactly(
                        both,
                        new AnyOf(List.of(
                                new JwtRequirement.Provider("a", List.of("x")),
                                new AllowMissing(),
                                new AllOf(List.of(new AllowMissingOrFailed(), new AllowAll())))),
                        null);
        assertThat(filter.rules().get(0).match()).isEqualTo(RouteMatch.prefix("/both"));
        assertThat(filter.filterStateRules())
                .isEqualTo(new FilterStateRules("s", Map.of("v", new JwtRequirement.Provider("b", List.of()))));
        assertThat(filter.bypassCorsPreflight()).isTrue();
        assertThat(filter.stripFailureResponse()).isTrue();
        assertThat(notes.unsupported()).isEmpty();
    }

    @Test
    void decode_matchByMoreThanEnvoyLooksAt_takesTheMoreRequestsAndIsNoted() {
        JwtAuthentication filter = accepted("providers: {a: {" + LOCAL + "}}\n"
                + "rules: [{match: {prefix: /, grpc: {}, runtime_fraction: {default_value: {numerator: 1}}},"
                + " requires: {provider_name: a}}]");

        assertThat(filter.rules().get(0).match()).isEqualTo(RouteMatch.prefix("/"));
        assertThat(notes.unsupported())
                .containsExactly(
                        "f.rules[0].match (the JWT filter looks at path, headers and query only, as in Envoy)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rules: [{match: {prefix: /}, requires: {provider_name: b}}]  | f.rules[0].requires.provider_name: "b" is not one of
            rules: [{match: {prefix: /}, requirement_name: n}]           | f.rules[0].requirement_name: "n" is not one of
            requirement_map: {n: {provider_name: b}}                     | f.requirement_map["n"].provider_name: "b" is not one of
            rules: [{requires: {provider_name: a}}]                      | f.rules[0].match: is required
            rules: [{match: {prefix: /}, requires: {requires_any: {requirements: [{provider_name: a}]}}}] | must have at least 2 items
            filter_state_rules: {requires: {v: {provider_name: a}}}      | f.filter_state_rules.name: must not be empty
            """)
    void decode_ruleThatEnvoyRefuses_isRefusedByItsPath(String rest, String problem) {
        assertThatThrownBy(() -> decode("providers: {a: {" + LOCAL + "}}\n" + rest))
                .isInstanceOf(BadResourceException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            issuer: i                                                                   | one of remote_jwks, local_jwks must be set
            local_jwks: {}                                                              | local_jwks
            from_headers: [{name: ''}]                                                  | from_headers[0].name: must not be empty
            claim_to_headers: [{header_name: x}]                                        | claim_to_headers[0].claim_name: must not be empty
            forward_payload_header: "a\\nb"                                             | forward_payload_header: must not have a line break
            remote_jwks: {http_uri: {uri: x, cluster: c, timeout: 1s}}                  | must be an absolute URI of http or https
            remote_jwks: {http_uri: {uri: 'http://x/', cluster: c}}                     | remote_jwks.http_uri.timeout: is required
            remote_jwks: {http_uri: {uri: 'http://x/', timeout: 1s}}                    | one of cluster must be set
            remote_jwks: {http_uri: {uri: 'http://x/', cluster: c, timeout: 1s}, cache_duration: 0s} | cache_duration: must be at least 0.001s
            """)
    void decode_providerThatEnvoyRefuses_isRefusedByItsPath(String fields, String problem) {
        String local = fields.contains("jwks") || fields.startsWith("issuer") ? "" : LOCAL + ", ";
        assertThatThrownBy(() -> decode("providers: {a: {" + local + fields + "}}"))
                .isInstanceOf(BadResourceException.class)
                .hasMessageContaining("f.providers[\"a\"]")
                .hasMessageContaining(problem);
    }

    @Test
    void decode_requirementOfANewerEnvoy_makesTheFilterRefuse() throws Exception {
        // extract_only_without_validation; read as a requirement in which nothing is set it would let everybody
        // through.
        var newer = io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                7,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(com.google.protobuf.ByteString.EMPTY)
                                        .build())
                        .build())
                .build();
        var filter = io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication.newBuilder()
                .addRules(RequirementRule.newBuilder()
                        .setMatch(io.envoyproxy.envoy.config.route.v3.RouteMatch.newBuilder()
                                .setPrefix("/"))
                        .setRequires(newer))
                .putRequirementMap("n", newer)
                .build();

        FilterConfig.Refused refused = (FilterConfig.Refused) JwtDecoder.decode(Any.pack(filter), "f", notes);

        assertThat(refused.reason()).isEqualTo("not supported: f.rules[0].requires.#7, f.requirement_map[\"n\"].#7");
        assertThat(notes.unsupported())
                .containsExactly(
                        "f.rules[0].requires.#7 (the JWT filter refuses all requests)",
                        "f.requirement_map[\"n\"].#7 (the JWT filter refuses all requests)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"disabled: true", "requirement_name: n"})
    void decodeOverride_eachForm_isRead(String yaml) {
        assertThat(override(yaml)).isEqualTo(new JwtRouteConfig(yaml.startsWith("d") ? null : "n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"disabled: false", "requirement_name: ''", "{}"})
    void decodeOverride_formThatEnvoyRefuses_isRefused(String yaml) {
        assertThatThrownBy(() -> override(yaml)).isInstanceOf(BadResourceException.class);
    }

    private JwtProvider provider(String yaml) {
        return Objects.requireNonNull(
                accepted("providers:\n  a:\n" + yaml.indent(4)).providers().get("a"));
    }

    private JwtAuthentication accepted(String yaml) {
        return (JwtAuthentication) decode(yaml);
    }

    private FilterConfig decode(String yaml) {
        return JwtDecoder.decode(
                Any.pack(read(
                        yaml, io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication.newBuilder())),
                "f",
                notes);
    }

    private FilterConfig override(String yaml) {
        return JwtDecoder.decodeOverride(
                Any.pack(read(
                        yaml, io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig.newBuilder())),
                "f",
                notes);
    }

    private static com.google.protobuf.Message read(String yaml, com.google.protobuf.Message.Builder builder) {
        try {
            return YamlMessages.read("test.yaml", yaml, builder).build();
        } catch (io.inmesh.xds.files.ResourceFileException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
