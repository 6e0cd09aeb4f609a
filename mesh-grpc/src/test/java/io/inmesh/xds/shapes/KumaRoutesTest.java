package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.RetryPolicy.HostPredicate;
import io.inmesh.model.RetryPolicy.ResetHeader;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteTable;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.DecodedListener;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The routes that kuma-cp 2.14.3 made of {@code rest.txt}: which way a request takes, and for how long. */
class KumaRoutesTest {
    private static final Shapes WEB = Shapes.of("kuma/web.json");
    private static final RouteTable ORDERS = table(WEB, name("orders"));
    private static final RouteTable BLOG = table(WEB, name("blog"));

    private static String name(String service) {
        return "fields_" + service + "__zone-1_msvc_18080";
    }

    private static RouteTable table(Shapes shapes, String destination) {
        return Objects.requireNonNull(shapes.listenerOf(destination).value().routes());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET any /exact                        | orders-v2
                    GET any /exact/x                      | orders
                    GET any /prefix                       | orders-v2
                    GET any /prefix/x                     | orders-v2
                    GET any /prefixes                     | orders
                    GET any /regex/12                     | orders-v2
                    GET any /regex/12a                    | orders
                    PUT any /method                       | orders-v2
                    GET any /method                       | orders
                    GET any /header-exact x-a:one         | orders-v2
                    GET any /header-exact x-a:ones        | orders
                    GET any /header-prefix x-a:two-more   | orders-v2
                    GET any /header-prefix x-a:one        | orders
                    GET any /header-regex x-a:three       | orders-v2
                    GET any /header-regex x-a:threes      | orders
                    GET any /header-present x-a:any       | orders-v2
                    GET any /header-present               | orders
                    GET any /header-absent                | orders-v2
                    GET any /header-absent x-a:any        | orders
                    GET any /query-exact?a=one            | orders-v2
                    GET any /query-exact?a=two            | orders
                    GET any /query-regex?a=three          | orders-v2
                    GET any /query-regex                  | orders
                    GET other.example /exact              | orders-v2
                    """)
    void httpRoute_matches_takeTheBackendThatTheYamlSays(String request, String service) {
        assertThat(RoutedRequest.of(ORDERS, request).outcome(0)).endsWith(" to " + name(service));
    }

    @Test
    void httpRoute_weights_shareRequests() {
        int first = 0;
        for (int random = 0; random < 100; random++) {
            if (RoutedRequest.of(ORDERS, "GET any /weights").outcome(random).endsWith(name("orders-v1"))) {
                first++;
            }
        }
        assertThat(first).isEqualTo(75);
    }

    /** 2.14 leaves out what it cannot resolve, so the next route takes the request. */
    @Test
    void httpRoute_backendThatIsNotThere_leavesTheRequestToTheNextRoute() {
        assertThat(RoutedRequest.of(ORDERS, "GET any /nowhere").outcome(0)).endsWith(" to " + name("orders"));
    }

    /** For {@code /redirect/prefix} kuma-cp writes a prefix with a slash and its replacement without one: so does every sidecar lose it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET blog:80 /redirect/prefix/x?q      | 307 https://new.example:8443/newx?q
                    GET blog:80 /redirect/prefix          | 307 https://new.example:8443/new
                    GET blog:80 /redirect/full?q          | 302 http://blog:80/whole?q
                    GET blog /rewrite/prefix/x?q          | GET inner.example /newx?q to BLOG
                    GET blog /rewrite/full?q              | GET blog /whole?q to BLOG
                    """)
    void httpRoute_redirectsAndRewrites_areAsASidecarDoesThem(String request, String outcome) {
        assertThat(RoutedRequest.of(BLOG, request).outcome(0)).isEqualTo(outcome.replace("BLOG", name("blog")));
    }

    @Test
    void httpRoute_headerModifiers_setAddAndRemove() {
        RoutedRequest request = RoutedRequest.of(BLOG, "GET blog /modify x-set:old x-gone:old x-add:old");
        assertThat(request.outcome(0)).endsWith(name("blog"));

        assertThat(request.headers())
                .contains("x-set: one", "x-add: old", "x-add: two")
                .noneMatch(line -> line.startsWith("x-gone"));
        assertThat(request.answered("x-rset", "old", "x-radd", "old", "x-rgone", "old"))
                .containsExactlyInAnyOrder("x-rset: three", "x-radd: old", "x-radd: four");
    }

    /** Servers may have rules by these tags, so clients have to send them. */
    @Test
    void tags_ofTheCaller_areSent() {
        RoutedRequest request = RoutedRequest.of(BLOG, "GET blog /any");
        assertThat(request.outcome(0)).endsWith(name("blog"));

        assertThat(request.headers())
                .contains("x-kuma-tags: &kuma.io/protocol=http&&kuma.io/service=web&&kuma.io/zone=zone-1&");
    }

    @Test
    void timeout_http_isTheRoutes() {
        Timeouts timeouts = timeouts(WEB, name("timeouts"));

        assertThat(timeouts.response()).isEqualTo(Duration.ofSeconds(3));
        assertThat(timeouts.idle()).isEqualTo(Duration.ofSeconds(4));
        assertThat(timeouts(WEB, name("blog")).response()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void retry_http_isThePolicy() {
        RetryPolicy policy = retries(WEB, name("retries"));

        assertThat(policy.numRetries()).isEqualTo(4);
        assertThat(policy.perTryTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(policy.backOff()).isEqualTo(new RetryPolicy.BackOff(Duration.ofMillis(30), Duration.ofSeconds(2)));
        assertThat(Objects.requireNonNull(policy.rateLimitedBackOff()))
                .satisfies(limited -> assertThat(limited.max()).isEqualTo(Duration.ofSeconds(7)))
                .satisfies(limited -> assertThat(limited.resetHeaders())
                        .containsExactly(new ResetHeader("retry-after", false), new ResetHeader("x-reset", true)));
        assertThat(policy.retryOn())
                .containsExactlyInAnyOrder(
                        Condition.FIVE_XX, Condition.CONNECT_FAILURE, Condition.RETRIABLE_STATUS_CODES);
        assertThat(policy.retriableStatusCodes()).containsExactly(409);
        assertThat(policy.retriableHeaders()).hasSize(1);
        assertThat(policy.retriableRequestHeaders()).as("a method and a header").hasSize(2);
        assertThat(policy.hostPredicates()).contains(HostPredicate.PREVIOUS_HOSTS);
        assertThat(policy.hostSelectionAttempts()).isEqualTo(3);
    }

    @Test
    void retry_partsNotBuiltYet_areShown() {
        Accepted<DecodedListener> listener = WEB.listenerOf(name("retries"));

        assertThat(listener.unsupported())
                .anyMatch(path -> path.endsWith("retry_policy.retry_priority"))
                .anyMatch(path -> path.contains("retry_policy.retry_host_predicate[1]"));
    }

    @Test
    void retry_grpc_isThePolicy() {
        RetryPolicy policy = retries(WEB, name("calls"));

        assertThat(policy.numRetries()).isEqualTo(3);
        assertThat(policy.perTryTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.retryOn())
                .contains(
                        Condition.GRPC_DEADLINE_EXCEEDED,
                        Condition.GRPC_INTERNAL,
                        Condition.GRPC_RESOURCE_EXHAUSTED,
                        Condition.GRPC_UNAVAILABLE);
    }

    @Test
    void subsets_ofTags_areClustersOfTheirOwn() {
        RouteTable table = table(Shapes.of("kuma/tags.json"), "orders");
        int first = 0;
        for (int random = 0; random < 100; random++) {
            if (RoutedRequest.of(table, "GET orders.mesh /").outcome(random).endsWith(" to orders-d1030500a406e60a")) {
                first++;
            }
        }
        assertThat(first).isEqualTo(90);
    }

    @Test
    void trafficRoute_ofOldMeshes_matchesModifiesAndSplits() {
        RouteTable table = table(Shapes.of("kuma/old.json"), "orders");
        RoutedRequest request = RoutedRequest.of(table, "GET orders.mesh /old/x x-a:one x-gone:old");

        assertThat(request.outcome(0)).isEqualTo("GET inner.example /new/x to orders-e2b975f7062a07f9");
        assertThat(request.headers()).contains("x-add: two").noneMatch(line -> line.startsWith("x-gone"));
        assertThat(request.answered()).containsExactly("x-radd: three");
        assertThat(RoutedRequest.of(table, "GET orders.mesh /other").outcome(0))
                .endsWith(" to orders-d1030500a406e60a");
        assertThat(RoutedRequest.of(table, "GET orders.mesh /other").outcome(95))
                .endsWith(" to orders-e2b975f7062a07f9");
    }

    @Test
    void timeoutAndRetry_ofOldMeshes_areTheRoutes() {
        Shapes old = Shapes.of("kuma/old.json");

        assertThat(timeouts(old, "orders").response()).isEqualTo(Duration.ofSeconds(3));
        RetryPolicy policy = retries(old, "orders");
        assertThat(policy.numRetries()).isEqualTo(4);
        assertThat(policy.perTryTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(policy.retriableStatusCodes()).containsExactly(409);
        assertThat(policy.retriableRequestHeaders()).hasSize(1);
    }

    private static Timeouts timeouts(Shapes shapes, String destination) {
        return Objects.requireNonNull(RoutedRequest.of(table(shapes, destination), "GET any /")
                        .compiled()
                        .forward())
                .timeouts();
    }

    private static RetryPolicy retries(Shapes shapes, String destination) {
        return Objects.requireNonNull(RoutedRequest.of(table(shapes, destination), "GET any /")
                .compiled()
                .retryPolicy());
    }
}
