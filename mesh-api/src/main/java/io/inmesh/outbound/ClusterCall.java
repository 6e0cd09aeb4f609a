package io.inmesh.outbound;

import io.inmesh.MeshException;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterChain;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.snapshot.Dialect.Destination;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call straight to a cluster: its hosts, its limits, its TLS, through a listener that has one route and no filter. Waits for the first configuration; for how
 * long is the caller's affair, who may cancel it.
 */
final class ClusterCall implements OutboundCall {
    private static final String NAME = "mesh-internal";

    private final OutboundEngine engine;
    private final CallSite site;
    private final RequestHead head;
    private final ClusterRoute route;
    private final Runnable wake;
    private @Nullable OutboundCall way;
    private boolean ended;
    private long demand;

    ClusterCall(OutboundEngine engine, CallSite site, RequestHead head, ClusterRoute route) {
        this.engine = engine;
        this.site = site;
        this.head = head;
        this.route = route;
        this.wake = () -> site.loop().execute(this::start);
    }

    @Override
    public void start() {
        if (ended || way != null) {
            return;
        }
        CompiledMesh mesh = engine.mesh();
        if (engine.isClosed()) {
            ended = true;
            site.observer().onFailure(new MeshException("the mesh is closed", null, null, null));
        } else if (mesh != null) {
            engine.waiting().remove(wake);
            go(mesh);
        } else {
            engine.waiting().add(wake);
            // What was published between the look and the addition has woken nobody.
            if (engine.mesh() != null || engine.isClosed()) {
                engine.waiting().remove(wake);
                wake.run();
            }
        }
    }

    private void go(CompiledMesh mesh) {
        StreamInfo info = new StreamInfo();
        info.startTimeMillis(engine.settings().clock().millis());
        long chance = engine.settings().random().nextLong();
        RouteChoice choice = listener().choose(head, info, chance);
        Destination destination = Destination.of(head.scheme(), head.authority());
        Arrival arrival = new Arrival(site, destination, head, head.method(), null, CallOptions.DEFAULT, info, chance);
        way = new RoutedCall(engine, arrival, mesh, choice);
        if (demand > 0) {
            way.request(demand);
        }
        way.start();
    }

    private CompiledListener listener() {
        Forward forward =
                Forward.to(route.cluster()).with(new Timeouts(route.timeout(), null, null), route.retryPolicy());
        RouteTable table = RouteTable.of(
                NAME, VirtualHost.of(NAME, List.of("*"), Route.of(NAME, RouteMatch.prefix("/"), forward)));
        List<HttpFilterConfig> filters = List.of(new HttpFilterConfig("router", new FilterConfig.Router(true), false));
        HttpConnectionManager http = new HttpConnectionManager(NAME, NAME, filters, null, null);
        return new CompiledListener(
                new Listener(NAME, null, 0, http, null),
                http,
                CompiledRoutes.of(table),
                null,
                FilterChain.compile(filters, engine.settings().filters()),
                engine.clusters(),
                null);
    }

    @Override
    public void request(long bytes) {
        if (way != null) {
            way.request(bytes);
        } else {
            demand = Demand.add(demand, bytes);
        }
    }

    @Override
    public void cancel() {
        ended = true;
        engine.waiting().remove(wake);
        if (way != null) {
            way.cancel();
        }
    }
}
