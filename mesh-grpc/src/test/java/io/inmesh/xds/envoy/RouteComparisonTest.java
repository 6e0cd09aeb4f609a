package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.exchange.RequestHead;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same random route tables and requests through Envoy and through the engine: no difference is allowed.
 *
 * <p>{@code -Denvoy.pairs=100000} compares more than the default of 3,000, and {@code -Denvoy.seed=...} compares others.
 */
class RouteComparisonTest {
    private static final Logger log = LoggerFactory.getLogger(RouteComparisonTest.class);
    private static final int REQUESTS_PER_TABLE = 10;
    private static final int TABLES_PER_ENVOY = 500;
    private static final int SHOWN = 5;

    @Test
    void randomTablesAndRequests_throughEnvoyAndTheEngine_comeOutTheSame() throws IOException {
        Path binary = EnvoyProcess.binaryOrSkip();
        int pairs = Integer.getInteger("envoy.pairs", 3_000);
        long seed = Long.getLong("envoy.seed", 1);
        log.info("comparing {} pairs of table and request with Envoy, -Denvoy.seed={}", pairs, seed);
        Comparison comparison = new Comparison(new Draw(seed));
        try (EchoBackend backend = new EchoBackend(RandomTables.CLUSTERS)) {
            for (int tables = (pairs + REQUESTS_PER_TABLE - 1) / REQUESTS_PER_TABLE; tables > 0; ) {
                int batch = Math.min(tables, TABLES_PER_ENVOY);
                comparison.run(binary, batch, backend);
                tables -= batch;
            }
        }
        log.info("compared {}", comparison.summary());

        assertThat(comparison.differences)
                .as("seed %d: %d differences in %d pairs", seed, comparison.different, comparison.compared)
                .isEmpty();
        assertThat(comparison.compared).isGreaterThanOrEqualTo(pairs);
        assertThat(comparison.forwarded).as("requests that reached an upstream").isGreaterThan(pairs / 10);
    }

    /** Runs batches and keeps count. */
    private static final class Comparison {
        private final Draw draw;
        private final List<String> differences = new ArrayList<>();
        private final Set<Integer> statuses = new TreeSet<>();
        private int compared;
        private int forwarded;
        private int different;

        Comparison(Draw draw) {
            this.draw = draw;
        }

        void run(Path binary, int count, EchoBackend backend) throws IOException {
            List<RouteConfiguration> tables = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                tables.add(new RandomTables(draw).table("t" + i));
            }
            try (EnvoySide envoy = new EnvoySide(binary, tables, backend)) {
                for (RouteConfiguration table : tables) {
                    EngineSide engine = new EngineSide(table, backend);
                    try (EnvoySide.Connection connection = envoy.connect(table.getName())) {
                        for (int i = 0; i < REQUESTS_PER_TABLE; i++) {
                            RequestHead request = new RandomRequests(draw).request(table);
                            compare(request, connection.ask(request), engine);
                        }
                    }
                }
            }
        }

        private void compare(RequestHead request, Outcome envoy, EngineSide side) {
            Outcome engine = side.ask(request);
            compared++;
            forwarded += envoy.cluster().isEmpty() ? 0 : 1;
            statuses.add(envoy.status());
            if (envoy.equals(engine)) {
                return;
            }
            different++;
            if (differences.size() < SHOWN) {
                differences.add("\n  request " + request + "\n  Envoy: " + envoy + "\n  engine: " + engine + "\n  "
                        + side.explain(request));
            }
        }

        String summary() {
            return compared + " pairs, " + forwarded + " of them forwarded, statuses " + statuses + ", " + different
                    + " differences";
        }
    }
}
