package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.filter.FilterFactories;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import io.inmesh.model.RouteTable;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MeshCompilerTest {
    private static final Destination ORDERS = new Destination("http", "orders", 80);

    private final HandSource source = new HandSource();
    private final MeshCompiler compiler = new MeshCompiler(
            source.dialect(),
            FilterFactories.builtIn(),
            new UpstreamClusters(new SplittableRandom(1)),
            new Interests(source));

    private static RouteTable table() {
        return RouteTable.of("routes", MeshFixture.virtualHost(to("a")));
    }

    private static Listener listener() {
        HttpConnectionManager http = new HttpConnectionManager(
                "outbound",
                "routes",
                List.of(new HttpFilterConfig("router", new FilterConfig.Router(), false)),
                null,
                null);
        return new Listener("outbound", "0.0.0.0", 80, http, null);
    }

    private CompiledListener compile(long generation, Listener listener, RouteTable table) {
        CompiledMesh mesh = compiler.compile(new MeshSnapshot(
                generation, Map.of("outbound", listener), Map.of("routes", table), Map.of(), Map.of()));
        return mesh.listener((Choice.Meshed) mesh.choose(ORDERS));
    }

    @Test
    void unchangedListenerAndTable_areNotMadeAgain() {
        Listener listener = listener();
        RouteTable table = table();
        CompiledListener first = compile(1, listener, table);
        assertThat(compile(2, listener, table)).isSameAs(first);
    }

    @Test
    void newTable_keepsTheFilters() {
        Listener listener = listener();
        CompiledListener first = compile(1, listener, table());
        CompiledListener second = compile(2, listener, table());
        assertThat(second).isNotSameAs(first);
        assertThat(second.filters()).isSameAs(first.filters());
    }

    @Test
    void newListenerWithTheSameTable_keepsTheTable() {
        RouteTable table = table();
        CompiledListener first = compile(1, listener(), table);
        CompiledListener second = compile(2, listener(), table);
        assertThat(Objects.requireNonNull(second.routes())).isSameAs(first.routes());
    }
}
