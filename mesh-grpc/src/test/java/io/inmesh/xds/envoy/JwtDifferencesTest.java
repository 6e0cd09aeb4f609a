package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Where the engine is another than Envoy on purpose, with both answers; docs/architecture.md says why. When Envoy changes, this fails. */
class JwtDifferencesTest {
    private final SigningKeys keys = new SigningKeys();

    @Test
    void ask_eachKnownDifference_isStillOne() throws IOException {
        Listener listener = JwtEnvoySide.listener("l", filter());
        JwtEngineSide engine = new JwtEngineSide(listener);
        SoftAssertions softly = new SoftAssertions();
        try (EchoBackend backend = new EchoBackend(List.of("c"));
                JwtEnvoySide envoy = new JwtEnvoySide(EnvoyProcess.binaryOrSkip(), List.of(listener), backend);
                JwtEnvoySide.Connection connection = envoy.connect("l")) {
            for (Map.Entry<String, String> each : tokens().entrySet()) {
                RequestHead request = request("/", "authorization", "Bearer " + each.getValue());
                softly.assertThat(connection.ask(request).status())
                        .as("Envoy: %s", each.getKey())
                        .isEqualTo(200);
                softly.assertThat(engine.ask(request).status())
                        .as("engine: %s", each.getKey())
                        .isEqualTo(401);
            }
            String good = keys.sign("ES256", "{\"alg\":\"ES256\"}", "{}");
            RequestHead query = request("/?z=%2F&access_token=" + good + "&a");
            assertThat(connection.ask(query).path())
                    .as("decoded and sorted by Envoy")
                    .isEqualTo("/?a=&z=/");
            assertThat(engine.ask(query).path()).as("left as it was").isEqualTo("/?z=%2F&a");
        }
        softly.assertAll();
    }

    private Map<String, String> tokens() {
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("crit", keys.sign("ES256", "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}", "{}"));
        tokens.put("key without alg, alg of another kind", keys.sign("ES256", "{\"alg\":\"HS256\"}", "{}"));
        tokens.put("HMAC under the name of RSA", keys.sign("HS256", "{\"alg\":\"RS256\"}", "{}"));
        tokens.put("single quotes", keys.sign("ES256", "{\"alg\":\"ES256\"}", "{'a':'b'}"));
        tokens.put("names without quotes", keys.sign("ES256", "{\"alg\":\"ES256\"}", "{a:1}"));
        tokens.put("trailing comma", keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"a\":1,}"));
        tokens.put("control character", keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"a\":\"b\tc\"}"));
        String good = keys.sign("ES256", "{\"alg\":\"ES256\"}", "{}");
        tokens.put(
                "white space in the signature",
                good.substring(0, good.length() - 8) + ' ' + good.substring(good.length() - 8));
        return tokens;
    }

    private JwtAuthentication filter() {
        String set = SigningKeys.jwks(List.of(keys.jwk("ES256", false, false), keys.jwk("HS256", false, false)));
        JwtRequirement requirement =
                JwtRequirement.newBuilder().setProviderName("p").build();
        return JwtAuthentication.newBuilder()
                .putProviders(
                        "p",
                        JwtProvider.newBuilder()
                                .setLocalJwks(DataSource.newBuilder().setInlineString(set))
                                .build())
                .putRequirementMap(RandomJwtFilters.NAMED, requirement)
                .addRules(RequirementRule.newBuilder()
                        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                        .setRequires(requirement))
                .build();
    }

    private static RequestHead request(String path, String... headers) {
        return new RequestHead("GET", "http", "shop.example", path, Headers.of(headers));
    }
}
