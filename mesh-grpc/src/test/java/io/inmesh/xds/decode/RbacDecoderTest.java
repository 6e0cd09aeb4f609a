package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.xds.type.matcher.v3.Matcher;
import com.google.protobuf.Any;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessCondition.Address;
import io.inmesh.model.AccessRules;
import io.inmesh.model.AccessRules.NamedAction;
import io.inmesh.model.AccessRules.Policies;
import io.inmesh.model.AccessRules.Policy;
import io.inmesh.model.CidrRange;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.MatchInput;
import io.inmesh.model.MatchPredicate;
import io.inmesh.model.MatchTree;
import io.inmesh.model.MatchTree.OnMatch;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.NetworkRbac;
import io.inmesh.model.Rbac;
import io.inmesh.model.RouteMatch.FilterStateMatcher;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.UriTemplate;
import io.inmesh.model.ValueMatcher;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RbacDecoderTest {
    private static final String AT = "\"@type\": type.googleapis.com/";
    private static final String HTTP = AT + "envoy.extensions.filters.http.rbac.v3.RBAC";
    private static final String ROUTE = AT + "envoy.extensions.filters.http.rbac.v3.RBACPerRoute";
    private static final String NETWORK = AT + "envoy.extensions.filters.network.rbac.v3.RBAC";
    private static final String INPUTS = AT + "envoy.extensions.matching.common_inputs.";
    private static final String DENY =
            "{action: {name: a, typed_config: {" + AT + "envoy.config.rbac.v3.Action, name: no, action: DENY}}}";
    private static final AccessCondition ANY = new AccessCondition.Any();

    private final Notes notes = new Notes();

    @Test
    void decode_eachKindOfPermission_isRead() {
        String permissions =
                """
                {and_rules: {rules: [{any: true}]}}, {or_rules: {rules: [{any: true}]}}, {not_rule: {any: true}},
                {header: {name: X-A, exact_match: a}}, {header: {name: x-b, string_match: {prefix: b, ignore_case: true}}},
                {url_path: {path: {suffix: c}}},
                {uri_template: {name: t, typed_config: {TEMPLATE, path_template: '/a/{b}'}}},
                {destination_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}, {destination_ip: {address_prefix: 10.0.0.0, prefix_len: 99}},
                {destination_port: 80}, {destination_port_range: {start: 1, end: 9}},
                {metadata: {filter: f, path: [{key: k}], value: {present_match: true}, invert: true}},
                {sourced_metadata: {metadata_matcher: {filter: f, path: [{key: k}], value: {present_match: true}}}},
                {sourced_metadata: {metadata_matcher: {filter: f, path: [{key: k}], value: {present_match: true}}, metadata_source: ROUTE}},
                {requested_server_name: {exact: s}}
                """.replace("TEMPLATE", AT + "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig");

        assertThat(rules("permissions: [" + permissions + "], principals: [{any: true}]")
                        .permissions())
                .containsExactly(
                        new AccessCondition.AllOf(List.of(ANY)),
                        new AccessCondition.AnyOf(List.of(ANY)),
                        new AccessCondition.Not(ANY),
                        new AccessCondition.Header(HeaderMatcher.exact("x-a", "a")),
                        new AccessCondition.Header(new HeaderMatcher(
                                "x-b", new HeaderMatcher.Text(new StringMatcher.Prefix("b", true)), false, false)),
                        new AccessCondition.UrlPath(new StringMatcher.Suffix("c", false)),
                        new AccessCondition.UrlTemplate(UriTemplate.parse("/a/{b}")),
                        new AccessCondition.Ip(Address.DESTINATION, range("10.0.0.0", 8)),
                        new AccessCondition.Ip(Address.DESTINATION, range("10.0.0.0", 32)),
                        new AccessCondition.DestinationPort(80, 81),
                        new AccessCondition.DestinationPort(1, 9),
                        new AccessCondition.DynamicMetadata(present(true)),
                        new AccessCondition.DynamicMetadata(present(false)),
                        new AccessCondition.RouteMetadata(present(false)),
                        new AccessCondition.ServerName(new StringMatcher.Exact("s", false)));
        assertThat(notes.unsupported()).isEmpty();
    }

    @Test
    void decode_eachKindOfPrincipal_isRead() {
        String principals = """
                {and_ids: {ids: [{any: true}]}}, {or_ids: {ids: [{any: true}]}}, {not_id: {any: true}},
                {authenticated: {}}, {authenticated: {principal_name: {safe_regex: {regex: '.*/ns/a/.*'}}}},
                {source_ip: {address_prefix: '2001:db8::', prefix_len: 32}}, {direct_remote_ip: {address_prefix: 10.0.0.1}},
                {remote_ip: {address_prefix: 10.0.0.0, prefix_len: 24}}, {header: {name: x-a, present_match: true}},
                {url_path: {path: {contains: c}}}, {filter_state: {key: k, string_match: {exact: v}}},
                {metadata: {filter: f, path: [{key: k}], value: {present_match: true}, invert: true}},
                {sourced_metadata: {metadata_matcher: {filter: f, path: [{key: k}], value: {present_match: true}}, metadata_source: ROUTE}}
                """;

        assertThat(rules("permissions: [{any: true}], principals: [" + principals + "]")
                        .principals())
                .containsExactly(
                        new AccessCondition.AllOf(List.of(ANY)),
                        new AccessCondition.AnyOf(List.of(ANY)),
                        new AccessCondition.Not(ANY),
                        new AccessCondition.Authenticated(null),
                        new AccessCondition.Authenticated(new StringMatcher.PlainRegex(true, "/ns/a/", true)),
                        new AccessCondition.Ip(Address.PEER, range("2001:db8::", 32)),
                        new AccessCondition.Ip(Address.PEER, range("0.0.0.0", 0)),
                        new AccessCondition.Ip(Address.REMOTE, range("10.0.0.0", 24)),
                        new AccessCondition.Header(
                                new HeaderMatcher("x-a", new HeaderMatcher.Present(true), false, false)),
                        new AccessCondition.UrlPath(new StringMatcher.Contains("c", false)),
                        new AccessCondition.FilterState(
                                new FilterStateMatcher("k", new StringMatcher.Exact("v", false))),
                        new AccessCondition.DynamicMetadata(present(true)),
                        new AccessCondition.RouteMetadata(present(false)));
        assertThat(notes.unsupported()).isEmpty();
    }

    @Test
    void decode_aroundTheRules_isRead() {
        Rbac filter = http("rules: {action: LOG}, shadow_rules: {action: DENY}, rules_stat_prefix: r_,"
                + " shadow_rules_stat_prefix: s_, track_per_rule_stats: true");

        assertThat(filter)
                .isEqualTo(new Rbac(
                        new Policies(AccessRules.Action.LOG, List.of()),
                        new Policies(AccessRules.Action.DENY, List.of()),
                        "r_",
                        "s_",
                        true));
    }

    @Test
    void decode_withoutRules_enforcesNothing() {
        assertThat(http("shadow_rules: {}").enforced()).isNull();
        assertThat(http("").shadow()).isNull();
        assertThat(RbacDecoder.decodeOverride(Yaml.any("{" + ROUTE + "}"), "f", notes))
                .isEqualTo(new Rbac(null, null, "", "", false));
        assertThat(RbacDecoder.decodeOverride(Yaml.any("{" + ROUTE + ", rbac: {rules: {}}}"), "f", notes)
                        .enforced())
                .isEqualTo(new Policies(AccessRules.Action.ALLOW, List.of()));
    }

    @Test
    void decode_matcherAndRules_theMatcherCounts() {
        assertThat(http("matcher: {on_no_match: " + DENY + "}, rules: {action: DENY}")
                        .enforced())
                .isEqualTo(new AccessRules.Tree(new MatchTree.Rules<>(List.of(), deny())));
    }

    @Test
    void decode_matcherList_isRead() {
        String single = "{single_predicate: {input: {name: i, typed_config: {" + INPUTS
                + "ssl.v3.UriSanInput}}, value_match: {prefix: 'spiffe://', ignore_case: true}}}";
        String metadata = "{single_predicate: {input: {name: i, typed_config: {" + INPUTS
                + "network.v3.DynamicMetadataInput, filter: f, path: [{key: k}]}}, custom_match: {name: m, typed_config: {"
                + AT
                + "envoy.extensions.matching.input_matchers.metadata.v3.Metadata, value: {present_match: true}, invert: true}}}}";
        String ip = "{single_predicate: {input: {name: i, typed_config: {" + INPUTS
                + "network.v3.SourceIPInput}}, custom_match: {name: m, typed_config: {" + AT
                + "envoy.extensions.matching.input_matchers.ip.v3.Ip, stat_prefix: s, cidr_ranges: [{address_prefix: 10.0.0.0, prefix_len: 8}]}}}}";

        AccessRules rules = http("matcher: {matcher_list: {matchers: [{predicate: {or_matcher: {predicate: [" + single
                        + ", {not_matcher: " + metadata + "}]}}, on_match: " + DENY
                        + "}, {predicate: {and_matcher: {predicate: ["
                        + ip + "," + single + "]}}, on_match: {matcher: {on_no_match: " + DENY + "}}}]}}")
                .enforced();

        MatchPredicate uri = new MatchPredicate.Single(
                MatchInput.OfConnection.URI_SAN, new MatchPredicate.Text(new StringMatcher.Prefix("spiffe://", true)));
        MatchPredicate ofMetadata = new MatchPredicate.Single(
                new MatchInput.DynamicMetadata("f", List.of("k")),
                new MatchPredicate.Value(new ValueMatcher.Present(true), true));
        MatchPredicate source = new MatchPredicate.Single(
                MatchInput.OfConnection.SOURCE_IP, new MatchPredicate.Ip(List.of(range("10.0.0.0", 8))));
        assertThat(rules)
                .isEqualTo(new AccessRules.Tree(new MatchTree.Rules<>(
                        List.of(
                                new MatchTree.Rule<>(
                                        new MatchPredicate.AnyOf(List.of(uri, new MatchPredicate.Not(ofMetadata))),
                                        deny()),
                                new MatchTree.Rule<>(
                                        new MatchPredicate.AllOf(List.of(source, uri)),
                                        new OnMatch<>(null, new MatchTree.Rules<>(List.of(), deny())))),
                        null)));
        assertThat(notes.unsupported()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"exact_match_map, false", "prefix_match_map, true"})
    void decode_matcherTree_isRead(String kind, boolean byPrefix) {
        AccessRules rules = http("matcher: {matcher_tree: {input: {name: i, typed_config: {" + AT
                        + "envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: X-A}}, " + kind
                        + ": {map: {a: "
                        + DENY + "}}}}")
                .enforced();

        assertThat(rules)
                .isEqualTo(new AccessRules.Tree(new MatchTree.Branches<>(
                        new MatchInput.RequestHeader("x-a"), byPrefix, Map.of("a", deny()), null)));
        assertThat(notes.unsupported()).isEmpty();
    }

    /** Envoy 1.40 refuses it too: "keep_matching is not supported in this context". */
    @Test
    void decode_keepMatching_letsNobodyThrough() {
        Matcher.OnMatch kept = Matcher.OnMatch.newBuilder()
                .setMatcher(Matcher.getDefaultInstance())
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                3,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build();
        Any filter = Any.pack(io.envoyproxy
                .envoy
                .extensions
                .filters
                .http
                .rbac
                .v3
                .RBAC
                .newBuilder()
                .setMatcher(Matcher.newBuilder().setOnNoMatch(kept))
                .build());

        assertThat(RbacDecoder.decode(filter, "f", notes).enforced())
                .isEqualTo(new AccessRules.Unusable("f.matcher.on_no_match.#3"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rules: {policies: {p: {ANYONE, condition: {id: 1}}}}                                  | f.rules.policies["p"].condition: CEL
            rules: {policies: {p: {ANYONE, checked_condition: {}}}}                               | f.rules.policies["p"].condition: CEL
            rules: {policies: {p: {principals: [{any: true}], permissions: [{matcher: {name: m, typed_config: {VALUE}}}]}}} | f.rules.policies["p"].permissions[0].matcher
            rules: {policies: {p: {permissions: [{any: true}], principals: [{custom: {name: m, typed_config: {VALUE}}}]}}} | f.rules.policies["p"].principals[0].custom
            rules: {policies: {p: {permissions: [{any: true}], principals: [{authenticated: {principal_name: {custom: {name: m, typed_config: {VALUE}}}}}]}}} | f.rules.policies["p"].principals[0].authenticated.principal_name
            rules: {policies: {p: {permissions: [{any: true}], principals: [{filter_state: {key: k, address_match: {ranges: [{address_prefix: somewhere}]}}}]}}} | f.rules.policies["p"].principals[0].filter_state.address_match.ranges[0].address_prefix
            rules: {policies: {p: {permissions: [{any: true}], principals: [{remote_ip: {address_prefix: somewhere}}]}}} | f.rules.policies["p"].principals[0].remote_ip.address_prefix
            rules: {policies: {p: {permissions: [{any: true}], principals: [{not_id: {header: {name: a, safe_regex_match: {regex: '('}}}}]}}} | f.rules.policies["p"].principals[0].not_id.header.safe_regex_match.regex
            rules: {policies: {p: {principals: [{any: true}], permissions: [{destination_port_range: {start: 9, end: 9}}]}}} | f.rules.policies["p"].permissions[0].destination_port_range
            rules: {policies: {p: {principals: [{any: true}], permissions: [{uri_template: {name: t, typed_config: {VALUE}}}]}}} | f.rules.policies["p"].permissions[0].uri_template
            matcher: {matcher_tree: {input: {name: i, typed_config: {INPUTssl.v3.UriSanInput}}, custom_match: {name: m, typed_config: {VALUE}}}} | f.matcher.matcher_tree
            matcher: {matcher_tree: {input: {name: i, typed_config: {INPUTssl.v3.UriSanInput}}, exact_match_map: {}}} | f.matcher.matcher_tree.exact_match_map.map
            matcher: {matcher_tree: {input: {name: i, typed_config: {INPUTnetwork.v3.DynamicMetadataInput, filter: f, path: [{key: k}]}}, exact_match_map: {map: {a: DENY}}}} | f.matcher.matcher_tree.exact_match_map.input
            matcher: {matcher_tree: {input: {name: i, typed_config: {VALUE}}, exact_match_map: {map: {a: DENY}}}} | f.matcher.matcher_tree.exact_match_map.input.typed_config
            matcher: {on_no_match: {action: {name: a, typed_config: {VALUE}}}}                    | f.matcher.on_no_match.action.typed_config
            matcher: {on_no_match: {action: {name: a, typed_config: {ACTION, action: LOG}}}}      | f.matcher.on_no_match.action.typed_config.name
            matcher: {matcher_list: {matchers: [{predicate: {single_predicate: {input: {name: i, typed_config: {INPUTssl.v3.UriSanInput}}, custom_match: {name: m, typed_config: {VALUE}}}}, on_match: DENY}]}} | f.matcher.matcher_list.matchers[0].predicate.single_predicate.custom_match
            matcher: {matcher_list: {matchers: [{predicate: {single_predicate: {input: {name: i, typed_config: {CEL}}, value_match: {exact: a}}}, on_match: DENY}]}} | f.matcher.matcher_list.matchers[0].predicate.single_predicate.input
            """)
    void decode_whatCannotBeEvaluated_letsNobodyThroughVisibly(String fields, String path) {
        AccessRules enforced = http(filled(fields)).enforced();

        assertThat(enforced).isInstanceOf(AccessRules.Unusable.class);
        assertThat(((AccessRules.Unusable) Objects.requireNonNull(enforced)).reason())
                .startsWith(path);
        assertThat(notes.unsupported())
                .singleElement()
                .asString()
                .startsWith(path)
                .endsWith("(the filter lets nobody through)");
    }

    @Test
    void decode_fieldThatOnlyANewerEnvoyKnows_letsNobodyThrough() {
        UnknownFieldSet newer = UnknownFieldSet.newBuilder()
                .addField(77, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        var filter = io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.newBuilder();

        assertThat(RbacDecoder.decode(Any.pack(filter.setUnknownFields(newer).build()), "f", notes)
                        .enforced())
                .isEqualTo(new AccessRules.Unusable("f.#77"));
        filter.clear().setRules(RBAC.newBuilder().setAction(RBAC.Action.DENY).setUnknownFields(newer));
        assertThat(RbacDecoder.decode(Any.pack(filter.build()), "f", notes).enforced())
                .isEqualTo(new AccessRules.Unusable("f.rules.#77"));
        assertThat(notes.unsupported())
                .containsExactly(
                        "f.#77 (the filter lets nobody through)", "f.rules.#77 (the filter lets nobody through)");
    }

    @Test
    void decode_dryRunThatCannotBeEvaluated_leavesTheRestInForce() {
        Rbac filter = http(filled("rules: {}, shadow_rules: {policies: {p: {ANYONE, condition: {id: 1}}}}"));

        assertThat(filter.enforced()).isEqualTo(new Policies(AccessRules.Action.ALLOW, List.of()));
        assertThat(filter.shadow()).isInstanceOf(AccessRules.Unusable.class);
        assertThat(notes.unsupported()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rules: {policies: {p: {permissions: [{any: true}]}}}                                | f.rules.policies["p"].principals: must have at least 1 item
            rules: {policies: {p: {principals: [{any: true}]}}}                                 | f.rules.policies["p"].permissions: must have at least 1 item
            rules: {policies: {p: {permissions: [{}], principals: [{any: true}]}}}              | f.rules.policies["p"].permissions[0]: one of and_rules
            rules: {policies: {p: {permissions: [{any: false}], principals: [{any: true}]}}}    | f.rules.policies["p"].permissions[0].any: must be true
            rules: {policies: {p: {permissions: [{and_rules: {}}], principals: [{any: true}]}}} | f.rules.policies["p"].permissions[0].and_rules.rules: must have at least 1 item
            rules: {policies: {p: {permissions: [{destination_port: 70000}], principals: [{any: true}]}}} | f.rules.policies["p"].permissions[0].destination_port: must be at most 65535
            matcher: {matcher_list: {}}                                                         | f.matcher.matcher_list.matchers: must have at least 1 item
            matcher: {on_no_match: {}}                                                          | f.matcher.on_no_match: one of matcher, action must be set
            """)
    void decode_whatEnvoyRefuses_isRefusedWithItsResource(String fields, String reason) {
        assertThatThrownBy(() -> http(fields))
                .isInstanceOf(BadResourceException.class)
                .hasMessageStartingWith(reason);
    }

    @Test
    void decode_network_isRead() {
        NetworkRbac filter = NetworkFilterDecoder.rbac(
                Yaml.any("{" + NETWORK + ", stat_prefix: tcp., rules: {action: DENY}, shadow_rules: {},"
                        + " shadow_rules_stat_prefix: s_, enforcement_type: CONTINUOUS, delay_deny: 1s}"),
                "f",
                notes);

        assertThat(filter)
                .isEqualTo(new NetworkRbac(
                        "tcp.",
                        new Policies(AccessRules.Action.DENY, List.of()),
                        new Policies(AccessRules.Action.ALLOW, List.of()),
                        "s_"));
        assertThat(notes.unsupported()).containsExactly("f.delay_deny (a connection is closed at once)");
    }

    private static String filled(String fields) {
        return fields.replace("ANYONE", "permissions: [{any: true}], principals: [{any: true}]")
                .replace("VALUE", AT + "google.protobuf.StringValue, value: x")
                .replace("INPUT", INPUTS)
                .replace("ACTION", AT + "envoy.config.rbac.v3.Action")
                .replace("CEL", AT + "xds.type.matcher.v3.HttpAttributesCelMatchInput")
                .replace("DENY", DENY);
    }

    private Rbac http(String fields) {
        return RbacDecoder.decode(Yaml.any("{" + HTTP + (fields.isEmpty() ? "" : ", ") + fields + "}"), "f", notes);
    }

    private Policy rules(String policy) {
        return ((Policies) Objects.requireNonNull(
                        http("rules: {policies: {p: {" + policy + "}}}").enforced()))
                .policies()
                .get(0);
    }

    private static OnMatch<NamedAction> deny() {
        return new OnMatch<>(new NamedAction("no", AccessRules.Action.DENY), null);
    }

    private static MetadataMatcher present(boolean inverted) {
        return new MetadataMatcher("f", List.of("k"), new ValueMatcher.Present(true), inverted);
    }

    private static CidrRange range(String address, int bits) {
        return Objects.requireNonNull(CidrRange.of(address, bits));
    }
}
