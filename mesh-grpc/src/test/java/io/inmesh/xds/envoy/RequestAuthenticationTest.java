package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.xds.decode.Recordings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The filter that istiod made of a RequestAuthentication, as it was recorded, with its keys, and with keys whose other half is here. */
class RequestAuthenticationTest {
    private static final String RECORDING = "istio-1.31-dev/rich/reviews/Listener/virtualInbound.pb";
    private static final String ISSUER = "\"iss\":\"https://issuer.example\"";

    private final SigningKeys keys = new SigningKeys();
    private final JwtAuthentication recorded = recorded();

    @Test
    void ask_recordedFilter_letsRequestsWithoutTokenPassAndNobodyElseSign() {
        JwtEngineSide engine = engine(recorded);

        assertThat(engine.ask(request("x-sub", "admin")).headers()).isEmpty();
        assertThat(engine.ask(request()).status()).isEqualTo(200);
        assertThat(engine.ask(bearer("ES256", ISSUER + ",\"aud\":\"shop\"")).body())
                .isEqualTo("Jwt verification fails");
        assertThat(engine.ask(request("authorization", "Bearer x")).status()).isEqualTo(401);
        assertThat(engine.ask(bearer("ES256", "\"iss\":\"other\"")).body()).isEqualTo("Jwt issuer is not configured");
        JwtOutcome audience = engine.ask(bearer("ES256", ISSUER + ",\"aud\":\"bank\""));
        assertThat(audience.status() + " " + audience.body()).isEqualTo("403 Audiences in Jwt are not allowed");
    }

    @Test
    void ask_ownKeysInstead_tellsTheApplicationAndAuthorizationWhoItIs() {
        JwtProvider provider = Objects.requireNonNull(recorded.getProvidersMap().get("origins-0"));
        JwtEngineSide engine = engine(recorded.toBuilder()
                .putProviders(
                        "origins-0",
                        provider.toBuilder()
                                .setLocalJwks(DataSource.newBuilder()
                                        .setInlineString(SigningKeys.jwks(List.of(keys.jwk("ES256", false, true)))))
                                .build())
                .build());
        RequestHead request =
                bearer("ES256", ISSUER + ",\"aud\":[\"shop\"],\"sub\":\"alice\",\"scope\":\"read write\"");
        request.headers().add("x-sub", "admin");

        JwtOutcome outcome = engine.ask(request);

        assertThat(outcome.status()).isEqualTo(200);
        assertThat(outcome.headers())
                .containsExactly("authorization: " + request.headers().get("authorization"), "x-sub: alice");
        assertThat(outcome.metadata())
                .isEqualTo(JwtOutcome.json(Map.of(
                        "payload",
                        Map.of(
                                "iss",
                                "https://issuer.example",
                                "aud",
                                List.of("shop"),
                                "sub",
                                "alice",
                                "scope",
                                List.of("read", "write")))));
    }

    private JwtEngineSide engine(JwtAuthentication filter) {
        return new JwtEngineSide(JwtEnvoySide.listener("l", filter));
    }

    private RequestHead bearer(String algorithm, String claims) {
        return request(
                "authorization",
                "Bearer " + keys.sign(algorithm, "{\"alg\":\"" + algorithm + "\"}", "{" + claims + "}"));
    }

    private static RequestHead request(String... headers) {
        return new RequestHead("GET", "http", "reviews", "/", Headers.of(headers));
    }

    private static JwtAuthentication recorded() {
        Any body = Recordings.all().stream()
                .filter(recording -> recording.file().equals(RECORDING))
                .findFirst()
                .orElseThrow()
                .body();
        try {
            for (FilterChain chain : body.unpack(Listener.class).getFilterChainsList()) {
                for (Filter network : chain.getFiltersList()) {
                    if (network.getTypedConfig().is(HttpConnectionManager.class)) {
                        for (HttpFilter http : network.getTypedConfig()
                                .unpack(HttpConnectionManager.class)
                                .getHttpFiltersList()) {
                            if (http.getTypedConfig().is(JwtAuthentication.class)) {
                                return http.getTypedConfig().unpack(JwtAuthentication.class);
                            }
                        }
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("no JWT filter in " + RECORDING);
    }
}
