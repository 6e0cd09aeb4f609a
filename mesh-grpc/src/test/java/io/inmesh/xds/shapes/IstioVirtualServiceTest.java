package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.RetryPolicy.HostPredicate;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteTable;
import io.inmesh.xds.decode.Decoded.Accepted;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The routes that istiod made of {@code virtual-services.yaml}: each is named after the field that it is about. */
class IstioVirtualServiceTest {
    private static final Accepted<RouteTable> DECODED =
            Shapes.of("istio/web.json").routes("8001");
    private static final RouteTable TABLE = DECODED.value();
    private static final String SHOP = "outbound|8001||shop.default.svc.cluster.local";
    private static final String BLOG = "outbound|8001||blog.default.svc.cluster.local";

    private static RoutedRequest ask(String request) {
        return RoutedRequest.of(TABLE, request);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET shop /exact                        | uri-exact
                    GET shop /exact?a=b                    | uri-exact
                    GET shop /exact/                       | default
                    GET shop /Exact                        | default
                    GET shop /prefix/a                     | uri-prefix
                    GET shop /prefix                       | default
                    GET shop /regex/12                     | uri-regex
                    GET shop /regex/12a                    | default
                    GET shop /cASE                         | ignore-case
                    GET shop /stat                         | stat-prefix
                    """)
    void match_uri_takesTheRouteThatTheYamlSays(String request, String route) {
        assertThat(ask(request).route()).isEqualTo(route);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    PUT shop /method                       | method
                    PATCH shop /method                     | method
                    PUTS shop /method                      | default
                    GET shop /method                       | default
                    GET shop.default.svc /authority        | authority
                    GET shop /authority                    | default
                    GET shop /header x-a:one               | header-exact
                    GET shop /header x-a:two-more          | header-prefix
                    GET shop /header x-a:three             | header-regex
                    GET shop /header x-a:three-            | default
                    GET shop /header x-b:                  | header-present
                    GET shop /header                       | default
                    GET shop /without                      | without-exact
                    GET shop /without x-a:two              | without-exact
                    GET shop /without x-a:one              | default
                    GET shop /without-any                  | without-present
                    GET shop /without-any x-a:two          | default
                    GET shop /query?a=one                  | query-exact
                    GET shop /query?b=one                  | default
                    GET shop /query?a=two-more             | query-prefix
                    GET shop /query?x&a=three              | query-regex
                    GET shop /several                      | several.first
                    GET shop /other x-several:1            | several.second
                    GET shop /other                        | default
                    GET shop /claim                        | default
                    """)
    void match_otherPartsOfARequest_takesTheRouteThatTheYamlSays(String request, String route) {
        assertThat(ask(request).route()).isEqualTo(route);
    }

    @Test
    void match_scheme_takesTheRouteThatTheYamlSays() {
        assertThat(RoutedRequest.ofHttps(TABLE, "GET shop /scheme").route()).isEqualTo("scheme");
        assertThat(ask("GET shop /scheme").route()).isEqualTo("default");
    }

    /** istiod decides these by who asks; a workload in another namespace got other routes. */
    @Test
    void match_whoAsks_isDecidedByTheControlPlane() {
        RouteTable other = Shapes.of("istio/narrow.json").routes("8001").value();

        assertThat(ask("GET shop /port").route()).isEqualTo("port-here");
        assertThat(ask("GET shop /labels").route()).isEqualTo("labels-of-web");
        assertThat(ask("GET shop /namespace").route()).isEqualTo("namespace-default");
        assertThat(ask("GET shop /gateway").route()).isEqualTo("gateway-mesh");
        assertThat(RoutedRequest.of(other, "GET shop.default.svc.cluster.local /labels")
                        .route())
                .isEqualTo("default");
        assertThat(RoutedRequest.of(other, "GET shop.default.svc.cluster.local /namespace")
                        .route())
                .isEqualTo("namespace-other");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    shop                                   | default
                    shop:8001                              | default
                    shop.default                           | default
                    shop.default.svc                       | default
                    shop.default.svc.cluster.local         | default
                    shop.default.svc.cluster.local.        | default
                    240.240.1.1                            | default
                    SHOP                                   | default
                    elsewhere.example                      | allow_any
                    """)
    void hosts_everySpelling_takesTheService(String authority, String route) {
        assertThat(ask("GET " + authority + " /any").route()).isEqualTo(route);
    }

    @Test
    void destination_subset_isAClusterOfItsOwn() {
        assertThat(ask("GET shop /subset").outcome(0))
                .isEqualTo("GET shop /subset to outbound|8001|v2|shop.default.svc.cluster.local");
    }

    @Test
    void destination_hostAndPort_areACluster() {
        assertThat(ask("GET shop /destination-port").outcome(0)).isEqualTo("GET shop /destination-port to " + BLOG);
        assertThat(ask("GET shop /delegate/inner/x").outcome(0)).isEqualTo("GET shop /delegate/inner/x to " + BLOG);
        assertThat(ask("GET shop /delegate/inner/x").route()).isEqualTo("delegate-of-delegate");
        assertThat(ask("GET shop /delegate/outer").outcome(0)).isEqualTo("GET shop /delegate/outer to " + SHOP);
    }

    @Test
    void destination_thatNobodyKnows_isAClusterThatDoesNotExist() {
        RoutedRequest request = ask("GET shop /nowhere");

        assertThat(request.outcome(0)).endsWith("to outbound|8001||nowhere.example.org");
        assertThat(Objects.requireNonNull(request.compiled().forward()).clusterNotFoundStatus())
                .isEqualTo(503);
    }

    @Test
    void weights_ofDestinations_shareRequestsAndHaveHeadersOfTheirOwn() {
        int first = 0;
        for (int random = 0; random < 100; random++) {
            RoutedRequest request = ask("GET shop /weights x-a:1");
            if (request.outcome(random).contains("|v1|")) {
                first++;
                assertThat(request.headers()).contains("x-version: v1", "x-a: 1");
                assertThat(request.answered("x-b", "2")).containsExactly("x-b: 2", "x-from: v1");
            } else {
                assertThat(request.headers()).contains("x-version: v2").doesNotContain("x-a: 1");
                assertThat(request.answered("x-b", "2")).isEmpty();
            }
        }
        assertThat(first).isEqualTo(75);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET blog:8001 /redirect/uri/x?a=b      | 301 http://blog:8001/new?a=b
                    GET blog:8001 /redirect/authority/x?a  | 307 https://new.example:8443/redirect/authority/x?a
                    GET blog:8001 /redirect/default        | 301 https://blog:8001/redirect/default
                    GET blog /redirect/default             | 301 https://blog/redirect/default
                    GET blog:8001 /redirect/request        | 301 http://new.example:8001/redirect/request
                    """)
    void redirect_eachField_isAnsweredAsTheYamlSays(String request, String outcome) {
        assertThat(ask(request).outcome(0)).isEqualTo(outcome);
    }

    @Test
    void directResponse_textAndBytes_areAnswered() {
        assertThat(ask("GET blog /direct/string").outcome(0)).isEqualTo("418 short and stout");
        assertThat(ask("GET blog /direct/string").own()).contains("x-answered: mesh");
        assertThat(ask("GET blog /direct/bytes").outcome(0)).isEqualTo("503 hello");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET blog /rewrite/old/x?q              | GET blog /new/x?q
                    GET blog /rewrite/exact?q              | GET blog /whole?q
                    GET blog /rewrite/regex/7/a/b?q        | GET blog /r/a/b/7?q
                    GET blog /rewrite/authority            | GET inner.example /rewrite/authority
                    GET blog /header-host                  | GET host.example /header-host
                    """)
    void rewrite_eachField_changesWhatTheUpstreamGets(String request, String changed) {
        assertThat(ask(request).outcome(0)).isEqualTo(changed + " to " + BLOG);
    }

    @Test
    void headers_ofARoute_areSetAddedAndRemoved() {
        RoutedRequest request = ask("GET blog /headers x-set:old x-add:old x-gone:old user-agent:me");
        assertThat(request.outcome(0)).endsWith(BLOG);

        assertThat(request.headers())
                .contains("x-set: one", "x-add: old", "x-add: two", "x-user-agent: me")
                .noneMatch(line -> line.startsWith("x-gone") || line.equals("x-set: old"));
        assertThat(request.answered("x-rset", "old", "x-radd", "old", "x-rgone", "old"))
                .containsExactlyInAnyOrder("x-rset: three", "x-radd: old", "x-radd: four");
    }

    @Test
    void timeout_setAndUnset_isTheRoutesOwn() {
        assertThat(timeouts("/timeout").response()).isEqualTo(Duration.ofSeconds(3));
        assertThat(timeouts("/headers").response()).isNull();
    }

    @Test
    void retries_eachField_isInThePolicy() {
        RetryPolicy policy = retries("/retries");

        assertThat(policy.numRetries()).isEqualTo(4);
        assertThat(policy.perTryTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(policy.retryOn())
                .containsExactlyInAnyOrder(Condition.FIVE_XX, Condition.RESET, Condition.RETRIABLE_STATUS_CODES);
        assertThat(policy.retriableStatusCodes()).containsExactly(409);
        assertThat(policy.backOff().base()).isEqualTo(Duration.ofMillis(30));
        assertThat(policy.hostPredicates())
                .as("retryIgnorePreviousHosts: false")
                .isEmpty();
    }

    @Test
    void retries_defaultsOfTheMesh_areInThePolicy() {
        RetryPolicy policy = retries("/headers");

        assertThat(policy.numRetries()).isEqualTo(2);
        assertThat(policy.hostPredicates()).containsExactly(HostPredicate.PREVIOUS_HOSTS);
        assertThat(policy.hostSelectionAttempts()).isEqualTo(5);
        assertThat(policy.retryOn())
                .containsExactlyInAnyOrder(
                        Condition.CONNECT_FAILURE,
                        Condition.REFUSED_STREAM,
                        Condition.GRPC_UNAVAILABLE,
                        Condition.GRPC_CANCELLED,
                        Condition.RETRIABLE_STATUS_CODES);
        assertThat(ask("GET blog /retries/none").compiled().retryPolicy()).isNull();
    }

    /** The rest is taken without its effect, and the status says so. */
    @Test
    void fields_notBuiltYet_areShown() {
        assertThat(DECODED.unsupported())
                .anyMatch(path -> path.endsWith(".route.request_mirror_policies"))
                .anyMatch(path -> path.endsWith(".route.retry_policy.retry_priority"))
                .anyMatch(path -> path.contains("envoy.filters.http.fault") && path.contains("no fault is injected"))
                .noneMatch(path -> path.contains("stat_prefix"));
    }

    @Test
    void corsPolicy_isShown() {
        assertThat(DECODED.unsupported())
                .filteredOn(path -> path.contains("cors"))
                .singleElement()
                .asString()
                .contains("preflight requests of browsers are not answered");
    }

    private static Timeouts timeouts(String path) {
        return Objects.requireNonNull(ask("GET blog " + path).compiled().forward())
                .timeouts();
    }

    private static RetryPolicy retries(String path) {
        return Objects.requireNonNull(ask("GET blog " + path).compiled().retryPolicy());
    }

    @Test
    void table_names_areThoseOfTheYaml() {
        assertThat(TABLE.virtualHosts())
                .extracting(host -> host.name())
                .isEqualTo(List.of(
                        "blog.default.svc.cluster.local:8001", "shop.default.svc.cluster.local:8001", "allow_any"));
    }
}
