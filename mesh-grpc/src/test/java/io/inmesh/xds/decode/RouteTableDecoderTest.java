package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.model.HashPolicy;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.HeaderMatcher.Present;
import io.inmesh.model.HeaderMatcher.Range;
import io.inmesh.model.HeaderMatcher.Text;
import io.inmesh.model.LevelRules;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.RetryPolicy.HostPredicate;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.HostRewrite;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteMatch.Fraction;
import io.inmesh.model.RouteTable;
import io.inmesh.model.StringMatcher;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableDecoderTest {
    private static RouteTable table(String routes) {
        return Yaml.accepted(Yaml.routes("virtual_hosts: [{name: v, domains: ['*'], routes: [" + routes + "]}]"));
    }

    private static Route route(String route) {
        return table(route).virtualHosts().get(0).routes().get(0);
    }

    private static Forward forward(String action) {
        return (Forward) route("{match: {prefix: /}, route: {" + action + "}}").action();
    }

    private static HeaderMatcher header(String matcher) {
        return route("{match: {prefix: /, headers: [{name: X-A, " + matcher + "}]}, route: {cluster: c}}")
                .match()
                .headers()
                .get(0);
    }

    @Test
    void decode_shortestTable_hasEnvoysDefaults() {
        assertThat(table("{match: {prefix: /}, route: {cluster: c}}"))
                .usingRecursiveComparison()
                .isEqualTo(RouteTable.of(
                        "r",
                        io.inmesh.model.VirtualHost.of(
                                "v",
                                java.util.List.of("*"),
                                Route.of("", io.inmesh.model.RouteMatch.prefix("/"), Forward.to("c")))));
    }

    @Test
    void decode_caseSensitiveUnset_isTrue() {
        assertThat(route("{match: {path: /a}, route: {cluster: c}}").match().path())
                .isEqualTo(new PathMatcher.Exact("/a", true));
        assertThat(route("{match: {path: /a, case_sensitive: false}, route: {cluster: c}}")
                        .match()
                        .path())
                .isEqualTo(new PathMatcher.Exact("/a", false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {match: {}, route: {cluster: c}}                                                     | match: one of prefix, path, safe_regex, connect_matcher, path_separated_prefix, path_match_policy must be set
            {route: {cluster: c}}                                                                | match: is required
            {match: {prefix: /}}                                                                 | one of route, redirect, direct_response, filter_action, non_forwarding_action must be set
            {match: {prefix: /}, route: {}}                                                      | route: one of cluster, cluster_header, weighted_clusters, cluster_specifier_plugin, inline_cluster_specifier_plugin must be set
            {match: {prefix: /}, route: {cluster: ''}}                                           | route.cluster: must not be empty
            {match: {safe_regex: {regex: '('}}, route: {cluster: c}}                             | match.safe_regex.regex: is not a regular expression of RE2: error parsing regexp: missing closing ): `(`
            {match: {safe_regex: {regex: '((a{0,1000}){0,1000}){0,10}'}}, route: {cluster: c}}   | match.safe_regex.regex: is not a regular expression of RE2: its nested repetitions multiply to more than 1000
            {match: {safe_regex: {regex: ''}}, route: {cluster: c}}                              | match.safe_regex.regex: must not be empty
            {match: {path_separated_prefix: /a/}, route: {cluster: c}}                           | match.path_separated_prefix: "/a/" does not match ^[^?#]+[^?#/]$
            {match: {prefix: /, headers: [{name: ''}]}, route: {cluster: c}}                     | match.headers[0].name: must not be empty
            {match: {prefix: /}, route: {weighted_clusters: {clusters: []}}}                     | route.weighted_clusters.clusters: must have at least 1 item
            {match: {prefix: /}, route: {weighted_clusters: {clusters: [{name: a}]}}}            | route.weighted_clusters.clusters[0].weight: is required
            {match: {prefix: /}, route: {weighted_clusters: {clusters: [{name: a, weight: 0}]}}} | route.weighted_clusters: the sum of the weights must be above 0
            {match: {prefix: /}, route: {weighted_clusters: {clusters: [{weight: 1}]}}}          | route.weighted_clusters.clusters[0]: exactly one of name, cluster_header must be set
            {match: {prefix: /}, route: {cluster: c, timeout: -1s}}                              | route.timeout: must not be negative
            {match: {prefix: /}, route: {cluster: c, prefix_rewrite: /a, regex_rewrite: {pattern: {regex: b}, substitution: c}}} | route: only one of prefix_rewrite, regex_rewrite, path_rewrite_policy can be set
            {match: {prefix: /}, route: {cluster: c, retry_policy: {retry_back_off: {}}}}        | route.retry_policy.retry_back_off.base_interval: is required
            {match: {prefix: /}, route: {cluster: c, retry_policy: {retry_back_off: {base_interval: 1s, max_interval: 0.5s}}}} | route.retry_policy.retry_back_off.max_interval: must be at least base_interval
            {match: {prefix: /}, direct_response: {status: 199}}                                 | direct_response.status: must be at least 200, is 199
            {match: {prefix: /}, direct_response: {status: 600}}                                 | direct_response.status: must be below 600, is 600
            {match: {prefix: /}, route: {cluster: c}, request_headers_to_add: [{}]}              | request_headers_to_add[0].header: is required
            {match: {prefix: /}, route: {cluster: c}, request_headers_to_add: [{header: {key: host, value: a}}]} | request_headers_to_add[0].header.key: pseudo-headers and host cannot be changed here: "host"
            {match: {prefix: /}, route: {cluster: c}, request_headers_to_remove: [':path']}      | request_headers_to_remove[0]: pseudo-headers and host cannot be changed here: ":path"
            {match: {prefix: /}, route: {cluster: c, hash_policy: [{}]}}                         | route.hash_policy[0]: has no policy
            """)
    void decode_whatEnvoyRefuses_isRejectedByField(String route, String expected) {
        assertThat(Yaml.reason(Yaml.routes("virtual_hosts: [{name: v, domains: ['*'], routes: [" + route + "]}]")))
                .isIn(
                        "RouteConfiguration \"r\": virtual_hosts[0].routes[0]." + expected,
                        "RouteConfiguration \"r\": virtual_hosts[0].routes[0]: " + expected);
    }

    @Test
    void decode_domains_mustBeUniqueInTheTable() {
        assertThat(Yaml.reason(Yaml.routes(
                        "virtual_hosts: [{name: a, domains: [x.com]}, {name: b, domains: [y.com, X.com]}]")))
                .isEqualTo(
                        "RouteConfiguration \"r\": virtual_hosts[1].domains[1]: domain \"x.com\" is in the table twice");
        assertThat(Yaml.reason(Yaml.routes("virtual_hosts: [{name: a, domains: ['*']}, {name: b, domains: ['*']}]")))
                .endsWith("only one wildcard domain \"*\" is permitted in a table");
        assertThat(Yaml.reason(Yaml.routes("virtual_hosts: [{name: a}]")))
                .isEqualTo("RouteConfiguration \"r\": virtual_hosts[0].domains: must have at least 1 item");
    }

    @Test
    void decode_headerMatchersOldAndNew_giveTheSame() {
        assertThat(header("exact_match: v")).isEqualTo(header("string_match: {exact: v}"));
        assertThat(header("prefix_match: v")).isEqualTo(header("string_match: {prefix: v}"));
        assertThat(header("suffix_match: v")).isEqualTo(header("string_match: {suffix: v}"));
        assertThat(header("contains_match: v").test()).isEqualTo(new Text(new StringMatcher.Contains("v", false)));
        assertThat(header("range_match: {start: 1, end: 9}").test()).isEqualTo(new Range(1, 9));
        assertThat(header("present_match: false").test()).isEqualTo(new Present(false));
        assertThat(header("invert_match: true, treat_missing_header_as_empty: true"))
                .isEqualTo(new HeaderMatcher("x-a", new Present(true), true, true));
    }

    @Test
    void decode_runtimeFraction_takesItsDefault() {
        assertThat(route("{match: {prefix: /, runtime_fraction: {runtime_key: k, default_value:"
                                + " {numerator: 5, denominator: TEN_THOUSAND}}}, route: {cluster: c}}")
                        .match()
                        .runtimeFraction())
                .isEqualTo(new Fraction(5, 10_000));
    }

    @Test
    void decode_timeouts_unsetZeroAndGiven() {
        assertThat(forward("cluster: c").timeouts()).isEqualTo(Timeouts.DEFAULT);
        assertThat(forward("cluster: c, timeout: 0s").timeouts().response()).isNull();
        assertThat(forward("cluster: c, timeout: 3s, idle_timeout: 0s").timeouts())
                .isEqualTo(new Timeouts(Duration.ofSeconds(3), Duration.ZERO, null));
    }

    @Test
    void decode_retryPolicy_hasEnvoysDefaultsAndPassesOverUnknownWords() {
        assertThat(forward("cluster: c, retry_policy: {retry_on: '5xx, nonsense,unavailable'}")
                        .retryPolicy())
                .isEqualTo(RetryPolicy.of(1, Condition.FIVE_XX, Condition.GRPC_UNAVAILABLE));
        RetryPolicy policy = forward("cluster: c, retry_policy: {num_retries: 0, per_try_timeout: 0s,"
                        + " host_selection_retry_max_attempts: 5, retry_host_predicate:"
                        + " [{name: envoy.retry_host_predicates.previous_hosts}],"
                        + " retry_back_off: {base_interval: 0.0001s}}")
                .retryPolicy();
        assertThat(policy).isNotNull();
        assertThat(java.util.Objects.requireNonNull(policy))
                .returns(0, RetryPolicy::numRetries)
                .returns(null, RetryPolicy::perTryTimeout)
                .returns(5, RetryPolicy::hostSelectionAttempts)
                .returns(java.util.List.of(HostPredicate.PREVIOUS_HOSTS), RetryPolicy::hostPredicates)
                .returns(new BackOff(Duration.ofMillis(1), Duration.ofMillis(10)), RetryPolicy::backOff);
    }

    @Test
    void decode_weightedClusters_keepZeroWeightsAndTheirOwnRules() {
        ClusterChoice.Weighted weighted = (ClusterChoice.Weighted) forward(
                        "weighted_clusters: {clusters: [{name: a, weight: 0}, {name: b, weight: 9, request_headers_to_add:"
                                + " [{header: {key: X, value: y}, append_action: ADD_IF_ABSENT}]}]}")
                .cluster();

        assertThat(weighted.totalWeight()).isEqualTo(9);
        assertThat(weighted.clusters().get(0).rules()).isSameAs(LevelRules.NONE);
        HeaderEdit.Put put = weighted.clusters().get(1).rules().request().puts().get(0);
        assertThat(put.name()).isEqualTo("x");
        assertThat(put.action()).isEqualTo(HeaderEdit.AppendAction.ADD_IF_ABSENT);
    }

    @Test
    void decode_rewrites_emptyOnesAreNone() {
        assertThat(forward("cluster: c, prefix_rewrite: '', host_rewrite_literal: ''"))
                .returns(null, Forward::pathRewrite)
                .returns(null, Forward::hostRewrite);
        assertThat(forward("cluster: c, prefix_rewrite: /b, host_rewrite_header: X-Host"))
                .returns(new PathRewrite.Prefix("/b"), Forward::pathRewrite)
                .returns(new HostRewrite.FromHeader("x-host"), Forward::hostRewrite);
    }

    @Test
    void decode_substitutionThatRe2CannotCarryOut_changesNothingAsInEnvoy() {
        PathRewrite.Regex rewrite =
                (PathRewrite.Regex) forward("cluster: c, regex_rewrite: {pattern: {regex: (b)}, substitution: 'x\\2'}")
                        .pathRewrite();

        assertThat(java.util.Objects.requireNonNull(rewrite).rewrite().apply("/abc"))
                .isEqualTo("/abc");
    }

    @Test
    void decode_uriTemplates_matchAndRewriteBelongTogether() {
        String match = "{match: {path_match_policy: {name: t, typed_config: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig,"
                + " path_template: '/a/{id}'}}}, route: {cluster: c, path_rewrite_policy: {name: t, typed_config:"
                + " {\"@type\": type.googleapis.com/envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig,"
                + " path_template_rewrite: '/b/{%s}'}}}}";

        assertThat(((Forward) route(match.formatted("id")).action()).pathRewrite())
                .isInstanceOf(PathRewrite.Template.class);
        assertThat(Yaml.reason(Yaml.routes(
                        "virtual_hosts: [{name: v, domains: ['*'], routes: [" + match.formatted("other") + "]}]")))
                .endsWith("path_template_rewrite: names a variable that path_match_policy does not have");
    }

    @Test
    void decode_redirect_keepsAllItsParts() {
        assertThat(route("{match: {prefix: /}, redirect: {https_redirect: true, host_redirect: h, port_redirect: 8,"
                                + " path_redirect: /p, response_code: SEE_OTHER, strip_query: true}}")
                        .action())
                .isEqualTo(new RouteAction.Redirect(true, null, "h", 8, new PathRewrite.Full("/p"), 303, true));
    }

    @Test
    void decode_directResponse_bodyIsBoundedAndNeverReadFromAFile() {
        assertThat(route("{match: {prefix: /}, direct_response: {status: 418, body: {inline_string: tea}}}")
                        .action())
                .isEqualTo(new RouteAction.DirectResponse(418, "tea"));
        assertThat(route("{match: {prefix: /}, direct_response: {status: 200, body: {filename: /etc/passwd}}}")
                        .action())
                .isEqualTo(new RouteAction.DirectResponse(200, null));
        assertThat(Yaml.reason(Yaml.routes("max_direct_response_body_size_bytes: 2\nvirtual_hosts: [{name: v, domains:"
                        + " ['*'], routes: [{match: {prefix: /}, direct_response: {status: 200, body: {inline_string:"
                        + " tea}}}]}]")))
                .endsWith("direct_response.body: is longer than max_direct_response_body_size_bytes, which is 2");
    }

    @Test
    void decode_routeThatCannotBeServed_staysInItsPlaceAndSaysWhy() {
        assertThat(route("{match: {prefix: /}, route: {cluster_specifier_plugin: p}}")
                        .action())
                .isEqualTo(new RouteAction.DirectResponse(
                        503, "route refused: cluster specifier plugins are not supported"));
    }

    /** {@code RouteMatch.cookies}, which Envoy 1.40 has: without the condition the route would take everything. */
    @Test
    void decode_matchWithAConditionThatIsNotKnown_staysInItsPlaceAndSaysWhy() {
        RouteConfiguration.Builder newer = RouteConfiguration.newBuilder().setName("r");
        newer.addVirtualHostsBuilder()
                .setName("v")
                .addDomains("*")
                .addRoutesBuilder()
                .setMatch(io.envoyproxy.envoy.config.route.v3.RouteMatch.newBuilder()
                        .setPrefix("/")
                        .setUnknownFields(Yaml.unknownField(17)))
                .getRouteBuilder()
                .setCluster("canary");
        RouteTable table = Yaml.accepted(ResourceDecoder.routeTable("r", Any.pack(newer.build())));
        assertThat(table.virtualHosts().get(0).routes().get(0).action())
                .isEqualTo(new RouteAction.DirectResponse(
                        503, "route refused: match.#17: is a field that is not known here"));
    }

    /** What a match does not look at, it would take requests without. */
    @Test
    void declared_conditionsOfAMatch_areAllSupported() {
        for (Descriptor type : List.of(
                io.envoyproxy.envoy.config.route.v3.RouteMatch.getDescriptor(),
                io.envoyproxy.envoy.config.route.v3.HeaderMatcher.getDescriptor(),
                QueryParameterMatcher.getDescriptor())) {
            assertThat(SupportedFields.of(type))
                    .containsOnlyKeys(type.getFields().stream()
                            .map(FieldDescriptor::getName)
                            .toList())
                    .allSatisfy((field, support) -> assertThat(support).isEqualTo(Support.SUPPORTED));
        }
    }

    @Test
    void decode_routeForTlsCallersOnly_isLeftOut() {
        assertThat(table("{match: {prefix: /, tls_context: {presented: true}}, route: {cluster: a}},"
                                + " {match: {prefix: /}, route: {cluster: b}}")
                        .virtualHosts()
                        .get(0)
                        .routes())
                .hasSize(1);
    }

    @Test
    void decode_hashPolicies_areKept() {
        assertThat(forward("cluster: c, hash_policy: [{header: {header_name: X-User}, terminal: true},"
                                + " {cookie: {name: s, ttl: 0s}}, {connection_properties: {source_ip: true}},"
                                + " {query_parameter: {name: q}}]")
                        .hashPolicies())
                .containsExactly(
                        new HashPolicy.Header("x-user", null, true),
                        new HashPolicy.Cookie("s", Duration.ZERO, "", false),
                        new HashPolicy.SourceIp(false),
                        new HashPolicy.QueryParameter("q", false));
    }

    @Test
    void decode_fieldsWithoutEffect_areListedByPath() {
        Decoded.Accepted<RouteTable> decoded = (Decoded.Accepted<RouteTable>) Yaml.routes(
                "virtual_hosts: [{name: v, domains: ['*'], rate_limits: [], routes: [{match: {prefix: /}, stat_prefix: s,"
                        + " route: {cluster: c, request_mirror_policies: [{cluster: m}], hedge_policy: {},"
                        + " metadata_match: {}, hash_policy: [{header: {header_name: X-User}}]}}, {match: {prefix: /},"
                        + " route: {weighted_clusters: {clusters: [{name: c, weight: 1, metadata_match: {}}]}}}]}]");

        assertThat(decoded.unsupported())
                .containsExactlyInAnyOrder(
                        "virtual_hosts[0].routes[0].route.request_mirror_policies",
                        "virtual_hosts[0].routes[0].route.hedge_policy",
                        "virtual_hosts[0].routes[0].route.metadata_match",
                        "virtual_hosts[0].routes[0].route.hash_policy",
                        "virtual_hosts[0].routes[1].route.weighted_clusters.clusters[0].metadata_match");
    }

    @Test
    void decode_partsOfARetryPolicyWithoutEffect_areListedByPath() {
        Decoded.Accepted<RouteTable> decoded = (Decoded.Accepted<RouteTable>) Yaml.routes(
                "virtual_hosts: [{name: v, domains: ['*'], routes: [{match: {prefix: /}, route: {cluster: c,"
                        + " retry_policy: {retry_on: 5xx, retry_priority: {name: envoy.retry_priorities.previous_priorities},"
                        + " retry_options_predicates: [{name: p}]}, internal_redirect_policy: {}}}]}]");

        assertThat(decoded.unsupported())
                .containsExactlyInAnyOrder(
                        "virtual_hosts[0].routes[0].route.internal_redirect_policy",
                        "virtual_hosts[0].routes[0].route.retry_policy.retry_priority",
                        "virtual_hosts[0].routes[0].route.retry_policy.retry_options_predicates");
    }
}
