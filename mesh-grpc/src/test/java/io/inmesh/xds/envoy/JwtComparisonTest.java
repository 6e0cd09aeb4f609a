package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.inmesh.exchange.RequestHead;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same random JWT filters and tokens through Envoy and through the engine: status, body, challenge, details, what the upstream sees and what is left in the
 * metadata are the same.
 *
 * <p>{@code -Denvoy.jwt.pairs=100000} compares more than the default of 3,000, and {@code -Denvoy.seed=...} compares others.
 */
class JwtComparisonTest {
    private static final Logger log = LoggerFactory.getLogger(JwtComparisonTest.class);
    private static final int REQUESTS_PER_FILTER = 20;
    private static final int FILTERS_PER_ENVOY = 250;
    private static final int SHOWN = 5;

    private final List<String> differences = new ArrayList<>();
    private final Map<String, Integer> answers = new TreeMap<>();
    private int compared;
    private int different;

    @Test
    void randomFiltersAndTokens_throughEnvoyAndTheEngine_comeOutTheSame() throws IOException {
        Path binary = EnvoyProcess.binaryOrSkip();
        int pairs = Integer.getInteger("envoy.jwt.pairs", 3_000);
        long seed = Long.getLong("envoy.seed", 1);
        log.info("comparing {} pairs of JWT filter and request with Envoy, -Denvoy.seed={}", pairs, seed);
        Draw draw = new Draw(seed);
        SigningKeys keys = new SigningKeys();
        try (EchoBackend backend = new EchoBackend(List.of("c"))) {
            for (int filters = (pairs + REQUESTS_PER_FILTER - 1) / REQUESTS_PER_FILTER; filters > 0; ) {
                int batch = Math.min(filters, FILTERS_PER_ENVOY);
                run(binary, batch, draw, keys, backend);
                filters -= batch;
            }
        }
        log.info("compared {} pairs, {} differences, answers {}", compared, different, answers);

        assertThat(differences)
                .as("seed %d: %d differences in %d pairs", seed, different, compared)
                .isEmpty();
        assertThat(compared).isGreaterThanOrEqualTo(pairs);
        assertThat(answers.getOrDefault("200", 0)).as("requests that passed").isGreaterThan(pairs / 5);
        assertThat(answers).as("kinds of answers").hasSizeGreaterThan(10);
    }

    private void run(Path binary, int count, Draw draw, SigningKeys keys, EchoBackend backend) throws IOException {
        Map<Listener, JwtAuthentication> listeners = new java.util.LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            JwtAuthentication filter = new RandomJwtFilters(draw, keys).filter();
            listeners.put(JwtEnvoySide.listener("l" + i, filter), filter);
        }
        try (JwtEnvoySide envoy = new JwtEnvoySide(binary, List.copyOf(listeners.keySet()), backend)) {
            for (Map.Entry<Listener, JwtAuthentication> each : listeners.entrySet()) {
                JwtEngineSide engine = new JwtEngineSide(each.getKey());
                RandomTokens tokens = new RandomTokens(draw, keys);
                try (JwtEnvoySide.Connection connection =
                        envoy.connect(each.getKey().getName())) {
                    for (int i = 0; i < REQUESTS_PER_FILTER; i++) {
                        RequestHead request = tokens.request(each.getValue());
                        compare(request, connection.ask(request), engine.ask(request), each.getValue());
                    }
                }
            }
        }
    }

    private void compare(RequestHead request, JwtOutcome envoy, JwtOutcome engine, JwtAuthentication filter) {
        compared++;
        answers.merge((envoy.status() + " " + envoy.body()).strip(), 1, Integer::sum);
        if (!envoy.equals(engine)) {
            different++;
            if (differences.size() < SHOWN) {
                differences.add(
                        "\n  request " + request + "\n  Envoy: " + envoy + "\n  engine: " + engine + "\n  " + filter);
            }
        }
    }
}
