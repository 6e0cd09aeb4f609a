package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.NetworkFilter;
import io.inmesh.filter.NetworkFilterFactory;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.NetworkRbac;
import io.inmesh.model.Rbac;
import io.inmesh.security.RbacFilter;
import io.inmesh.security.SecurityFilters;
import io.inmesh.xds.testing.HeadStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The policies that real control planes made of the scenarios beside the recordings: who gets what, as the scenarios' YAML says. */
class RecordedPoliciesTest {
    private static final String ISTIO = "istio-1.31-dev/";
    private static final String WEB = "spiffe://cluster.local/ns/default/sa/web";
    private static final String OTHER = "spiffe://cluster.local/ns/default/sa/other";
    private static final String SYSTEM = "spiffe://cluster.local/ns/istio-system/sa/gateway";
    private static final String REVIEWS = "ns[default]-policy[reviews]-rule[0]";
    private static final String JWT = "ns[default]-policy[jwt]-rule[0]";
    private static final String DENY_ADMIN = "ns[default]-policy[deny-admin]-rule[0]";
    private static final Map<String, Object> CORE = token("https://issuer.example", List.of("ops", "core"));
    private static final int PORT = 19_080;

    static Stream<Arguments> istio() {
        Caller web = new Caller(WEB, "127.0.0.1", PORT);
        Caller other = new Caller(OTHER, "127.0.0.1", PORT);
        Caller inside = new Caller(OTHER, "10.1.1.1", PORT);
        Caller clear = new Caller(null, "127.0.0.1", PORT);
        return Stream.of(
                // ALLOW: web may GET /api/*.
                arguments("basic", web, "GET /api/x", null, REVIEWS),
                arguments("basic", web, "GET /api/?a=/b", null, REVIEWS),
                arguments("basic", web, "GET /other", null, "-"),
                arguments("basic", web, "GET /other?/api/", null, "-"),
                arguments("basic", web, "POST /api/x", null, "-"),
                arguments("basic", other, "GET /api/x", null, "-"),
                arguments("basic", clear, "GET /api/x", null, "-"),
                arguments("rich", web, "GET /api/x", null, REVIEWS),
                arguments("rich", clear, "GET /api/x", null, "-"),
                // ALLOW: whoever has a token of the issuer and is in group core, for everything.
                arguments("rich", other, "POST /any", CORE, JWT),
                arguments("rich", other, "POST /any", token("https://issuer.example", "core"), JWT),
                arguments("rich", other, "POST /any", token("https://issuer.example", List.of("ops")), "-"),
                arguments("rich", other, "POST /any", token("https://else.example", List.of("core")), "-"),
                arguments("rich", other, "POST /any", null, "-"),
                // DENY: /admin* except HEAD, from 10/8, not from istio-system, without an admin's x-token.
                arguments("rich", inside, "GET /admin/x", CORE, DENY_ADMIN),
                arguments("rich", inside, "GET /administrator", CORE, DENY_ADMIN),
                arguments("rich", inside, "HEAD /admin/x", CORE, JWT),
                arguments("rich", inside, "GET /x/admin", CORE, JWT),
                arguments("rich", inside, "GET /admin x-token: admin-7", CORE, JWT),
                arguments("rich", inside, "GET /admin x-token: user-7", CORE, DENY_ADMIN),
                arguments("rich", other, "GET /admin", CORE, JWT),
                arguments("rich", new Caller(SYSTEM, "10.1.1.1", PORT), "GET /admin", CORE, JWT),
                arguments("rich", new Caller(null, "10.1.1.1", PORT), "GET /admin", CORE, DENY_ADMIN));
    }

    @ParameterizedTest
    @MethodSource("istio")
    void istio_policiesForRequests_giveWhatTheScenarioSays(
            String scenario, Caller caller, String request, @Nullable Map<String, Object> token, String policy) {
        Verdict verdict =
                verdict(http(ISTIO + scenario + "/reviews/Listener/virtualInbound.pb", 3), caller, request, token);

        boolean allowed = policy.equals(REVIEWS) || policy.equals(JWT);
        assertThat(verdict.denial())
                .isEqualTo(
                        allowed
                                ? null
                                : "rbac_access_denied_matched_policy[" + (policy.equals("-") ? "none" : policy) + "]");
        assertThat(verdict.metadata().get("enforced_engine_result")).isEqualTo(allowed ? "allowed" : "denied");
        if (allowed) {
            assertThat(verdict.metadata().get("enforced_effective_policy_id")).isEqualTo(policy);
        }
    }

    static Stream<Arguments> istioAside() {
        return Stream.of(
                // AUDIT is for port 19080 only, the dry run denies /dry.
                arguments(3, PORT, "GET /dry", true, "denied"),
                arguments(3, PORT, "GET /dry?x", true, "denied"),
                arguments(3, PORT, "GET /dryer", true, "allowed"),
                arguments(4, 19_090, "GET /dry", false, "denied"),
                arguments(5, 19_090, "GET /wet", false, "allowed"),
                arguments(1, PORT, "GET /wet", true, "allowed"));
    }

    @ParameterizedTest
    @MethodSource("istioAside")
    void istio_auditAndDryRun_onlyTell(int chain, int port, String request, boolean audited, String dryRun) {
        Verdict verdict = verdict(
                http(ISTIO + "rich/reviews/Listener/virtualInbound.pb", chain),
                new Caller(OTHER, "127.0.0.1", port),
                request,
                CORE);

        assertThat(verdict.denial()).isNull();
        assertThat(verdict.accessLogHint()).isEqualTo(audited);
        assertThat(verdict.metadata().get("istio_dry_run_deny_shadow_engine_result"))
                .isEqualTo(dryRun);
        assertThat(verdict.metadata().get("istio_dry_run_deny_shadow_effective_policy_id"))
                .isEqualTo(dryRun.equals("denied") ? "ns[default]-policy[dry]-rule[0]" : null);
    }

    static Stream<Arguments> istioConnections() {
        return Stream.of(
                // What is about requests is left out for connections: DENY becomes wider, ALLOW empty.
                arguments("rich", new Caller(OTHER, "10.1.1.1", PORT), DENY_ADMIN),
                arguments("rich", new Caller(SYSTEM, "10.1.1.1", PORT), "none"),
                arguments("rich", new Caller(WEB, "127.0.0.1", PORT), "none"),
                arguments("basic", new Caller(WEB, "127.0.0.1", PORT), "none"));
    }

    @ParameterizedTest
    @MethodSource("istioConnections")
    void istio_policiesForConnections_giveWhatTheScenarioSays(String scenario, Caller caller, String policy) {
        FilterChain chain = listener(ISTIO + scenario + "/reviews/Listener/virtualInbound.pb")
                .getFilterChains(2);
        StreamInfo info = caller.info();
        Notes notes = new Notes();
        String refusal = null;
        for (Filter filter : chain.getFiltersList()) {
            if (refusal == null && NetworkFilterDecoder.isRbac(filter.getTypedConfig())) {
                refusal = filter(NetworkFilterDecoder.rbac(filter.getTypedConfig(), "", notes))
                        .onConnection(info);
            }
        }

        assertThat(refusal).isEqualTo("rbac_access_denied_matched_policy[" + policy + "]");
        assertThat(notes.unsupported()).isEmpty();
        assertThat(info.dynamicMetadata("envoy.common"))
                .isEqualTo(scenario.equals("rich") ? Map.of("access_log_hint", true) : null);
    }

    static Stream<Arguments> kuma() {
        String mesh = "kuma-2.14.3/mesh-identity/";
        String policy = "kri_mtp_shop_zone-1__only-web_";
        String workload = "spiffe://shop.zone-1.mesh.local/workload/";
        return Stream.of(
                        mesh + "web/Listener/inbound~127.0.1.9~17080.pb",
                        mesh + "orders/Listener/inbound~127.0.1.2~18080.pb",
                        mesh + "web-unified-names/Listener/self_inbound_dp_http.pb",
                        "kuma-3.0-dev/mesh-identity/web/Listener/self_inbound_dp_http.pb",
                        "kuma-3.0-dev/mesh-identity/orders/Listener/self_inbound_dp_http.pb")
                .flatMap(file -> Stream.of(
                        arguments(file, workload + "web", true, policy, "denied", "default"),
                        arguments(file, workload + "batch", true, policy, "denied", policy),
                        arguments(file, workload + "legacy", false, policy, "denied", "default"),
                        arguments(
                                file,
                                "spiffe://else.zone-1.mesh.local/workload/web",
                                false,
                                "default",
                                "denied",
                                "default"),
                        // In the clear nobody can say which rule it would be.
                        arguments(file, null, false, null, "denied", null)));
    }

    @ParameterizedTest
    @MethodSource("kuma")
    void kuma_matcher_givesWhatTheScenarioSays(
            String file,
            @Nullable String uri,
            boolean allowed,
            @Nullable String policy,
            String dryRun,
            @Nullable String dryPolicy) {
        Verdict verdict = verdict(http(file, 2), new Caller(uri, "127.0.0.1", 17_080), "GET /", null);

        assertThat(verdict.denial())
                .isEqualTo(
                        allowed
                                ? null
                                : "rbac_access_denied_matched_policy[" + (policy == null ? "none" : policy) + "]");
        assertThat(verdict.metadata().get("enforced_effective_policy_id")).isEqualTo(policy);
        assertThat(verdict.metadata().get("shadow_engine_result")).isEqualTo(dryRun);
        assertThat(verdict.metadata().get("shadow_effective_policy_id")).isEqualTo(dryPolicy);
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(strings = {"spiffe://default/web", "spiffe://default/else"})
    void kuma_rulesForAnybody_letAnybodyThrough(String uri) {
        Verdict verdict = verdict(
                http("kuma-2.14.3/builtin-ca/web/Listener/inbound~127.0.0.9~17080.pb", 0),
                new Caller(uri, "127.0.0.1", 17_080),
                "GET /",
                null);

        assertThat(verdict.denial()).isNull();
        assertThat(verdict.metadata().get("enforced_effective_policy_id")).isEqualTo("MeshTrafficPermission");
    }

    /** The RBAC filters of a chain in their order; nothing in them may be left out. */
    private static List<Rbac> http(String file, int chain) {
        List<Filter> filters = listener(file).getFilterChains(chain).getFiltersList();
        Notes notes = new Notes();
        HttpConnectionManager http = Values.parse(
                filters.get(filters.size() - 1).getTypedConfig(), HttpConnectionManager.getDefaultInstance(), "");
        List<Rbac> found = FilterDecoder.chain(http.getHttpFiltersList(), "", notes).stream()
                .map(HttpFilterConfig::config)
                .filter(Rbac.class::isInstance)
                .map(Rbac.class::cast)
                .toList();
        assertThat(found).isNotEmpty();
        assertThat(notes.unsupported()).noneMatch(note -> note.contains("nobody"));
        return found;
    }

    private static Listener listener(String file) {
        try {
            return Listener.parseFrom(Recordings.all().stream()
                    .filter(each -> each.file().equals(file))
                    .findFirst()
                    .orElseThrow()
                    .body()
                    .getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static NetworkFilter filter(NetworkRbac config) {
        return SecurityFilters.forConnections().stream()
                .filter(factory -> factory.configType().isInstance(config))
                .map(factory -> create(factory, config))
                .findFirst()
                .orElseThrow();
    }

    private static <C extends io.inmesh.model.FilterConfig> NetworkFilter create(
            NetworkFilterFactory<C> factory, NetworkRbac config) {
        return factory.create(factory.configType().cast(config));
    }

    private static Verdict verdict(
            List<Rbac> filters, Caller caller, String request, @Nullable Map<String, Object> token) {
        String[] parts = request.split(" ", 3);
        Headers headers = parts.length == 2 ? new Headers() : Headers.of(parts[2].split(": ", 2));
        RequestHead head = new RequestHead(parts[0], "https", "reviews:9080", parts[1], headers);
        StreamInfo info = caller.info();
        if (token != null) {
            info.putDynamicMetadata("envoy.filters.http.jwt_authn", "payload", token);
        }
        String denial = null;
        for (Rbac filter : filters) {
            if (denial == null
                    && new RbacFilter(filter, filter).onRequest(new HeadStream(head, info))
                            instanceof FilterStep.Reply reply) {
                denial = reply.reply().details();
            }
        }
        Map<String, Object> common = info.dynamicMetadata("envoy.common");
        return new Verdict(
                denial,
                Objects.requireNonNull(info.dynamicMetadata("envoy.filters.http.rbac")),
                common == null ? null : (Boolean) common.get("access_log_hint"));
    }

    private static Map<String, Object> token(String issuer, Object groups) {
        return Map.of("iss", issuer, "sub", "me", "groups", groups);
    }

    private record Verdict(
            @Nullable String denial,
            Map<String, Object> metadata,
            @Nullable Boolean accessLogHint) {}

    /** @param uri of the certificate, or null for a connection in the clear */
    private record Caller(@Nullable String uri, String source, int port) {
        StreamInfo info() {
            DownstreamConnection.Tls tls = uri == null
                    ? null
                    : new DownstreamConnection.Tls(
                            "",
                            "",
                            "TLSv1.3",
                            "TLS_AES_128_GCM_SHA256",
                            new PeerCertificate(List.of(uri), List.of(), List.of(), "", "", "", "", "", "", true));
            StreamInfo info = new StreamInfo();
            info.downstream(new DownstreamConnection(
                    Objects.requireNonNull(IpAddress.parse(source)),
                    40_000,
                    Objects.requireNonNull(IpAddress.parse("127.0.0.1")),
                    port,
                    tls));
            return info;
        }
    }
}
