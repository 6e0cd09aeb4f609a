package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RouteTable;
import io.inmesh.xds.decode.Decoded.Accepted;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The routes that istiod made of {@code gateway-api.yaml}, where each rule is named after what it is about. */
class IstioGatewayApiTest {
    private static final Shapes WEB = Shapes.of("istio/web.json");
    private static final Accepted<RouteTable> HTTP = WEB.routes("8600");
    private static final Accepted<RouteTable> GRPC = WEB.routes("8601");

    private static RoutedRequest ask(String request) {
        return RoutedRequest.of(HTTP.value(), request);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET store /exact                  | exact
                    POST store /exact                 | none
                    GET store /header/a?q=1 x-a:one   | header
                    GET store /header?q=1 x-a:one     | header
                    GET store /headers?q=1 x-a:one    | none
                    GET store /header?q=2 x-a:one     | none
                    GET store /header?q=1 x-a:two     | none
                    GET store /regex/12               | regex
                    GET store /timeouts/x             | timeouts
                    GET 10.96.77.7 /retry             | retry
                    """)
    void httpRoute_matches_takeTheRuleThatTheYamlSays(String request, String rule) {
        assertThat(ask(request).route()).isEqualTo(rule);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET store /redirect/x?q    | 301 https://new.example:8443/new/x?q
                    GET store /rewrite/x?q     | GET inner.example /new/x?q to STORE
                    GET store /full/x?q        | GET store /whole?q to STORE
                    GET store /exact           | GET store /exact to V2
                    GET store /other           | 404
                    """)
    void httpRoute_filters_changeTheRequestAsTheYamlSays(String request, String outcome) {
        assertThat(ask(request).outcome(0))
                .isEqualTo(outcome.replace("STORE", "outbound|8600||store.default.svc.cluster.local")
                        .replace("V2", "outbound|8600||store-v2.default.svc.cluster.local"));
    }

    @Test
    void httpRoute_headerModifiers_setAddAndRemove() {
        RoutedRequest request = ask("GET store /modify x-set:old x-gone:old");
        assertThat(request.outcome(0)).contains("|store.default");

        assertThat(request.headers()).contains("x-set: one", "x-add: two").noneMatch(line -> line.startsWith("x-gone"));
        assertThat(request.answered()).containsExactly("x-rset: three");
    }

    @Test
    void httpRoute_backendRefs_shareRequestsByWeight() {
        int first = 0;
        for (int random = 0; random < 100; random++) {
            RoutedRequest request = ask("GET store /weights");
            if (request.outcome(random).contains("|store.default")) {
                first++;
                assertThat(request.headers()).contains("x-backend: store");
            }
        }
        assertThat(first).isEqualTo(75);
    }

    @Test
    void httpRoute_backendThatIsNotThere_answers500() {
        RoutedRequest request = ask("GET store /nowhere");

        assertThat(request.outcome(0)).contains("|nowhere.default");
        assertThat(Objects.requireNonNull(request.compiled().forward()).clusterNotFoundStatus())
                .isEqualTo(500);
    }

    @Test
    void httpRoute_timeouts_areTheRoutes() {
        assertThat(Objects.requireNonNull(ask("GET store /timeouts").compiled().forward())
                        .timeouts()
                        .response())
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void httpRoute_retry_isThePolicy() {
        RetryPolicy policy =
                Objects.requireNonNull(ask("GET store /retry").compiled().retryPolicy());

        assertThat(policy.numRetries()).isEqualTo(3);
        assertThat(policy.retriableStatusCodes()).containsExactlyInAnyOrder(500, 503);
        assertThat(policy.backOff().base()).isEqualTo(Duration.ofMillis(20));
    }

    @Test
    void httpRoute_mirror_isShown() {
        assertThat(HTTP.unsupported()).anyMatch(path -> path.endsWith(".route.request_mirror_policies"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    POST depot /shop.Store/Get             | default.depot.0
                    POST depot /shop.Store/List x-a:one    | default.depot.1
                    POST depot /shop.Store/List            | none
                    POST depot /other.Store/Get x-a:one    | none
                    """)
    void grpcRoute_matches_takeTheRuleThatTheYamlSays(String request, String rule) {
        assertThat(RoutedRequest.of(GRPC.value(), request).route()).isEqualTo(rule);
    }

    @Test
    void grpcRoute_filtersAndBackends_areAsTheYamlSays() {
        RoutedRequest request = RoutedRequest.of(GRPC.value(), "POST depot /shop.Store/List x-a:one");

        assertThat(request.outcome(0)).endsWith("to outbound|8601||store.default.svc.cluster.local");
        assertThat(request.headers()).contains("x-add: two");
        assertThat(RoutedRequest.of(GRPC.value(), "POST depot /shop.Store/Get").outcome(0))
                .endsWith("to outbound|8601||store-v2.default.svc.cluster.local");
    }
}
