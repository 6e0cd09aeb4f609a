package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.RouteTable;
import io.inmesh.resilience.RouterReplies;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.routing.RouteExplanation;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.ResourceDecoder;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Asks the engine: the decoder, the routes and the header rules, as a call through the mesh uses them. */
final class EngineSide {
    private static final Map<String, Map<String, Object>> CLUSTER_METADATA = metadata("of-cluster");
    private static final Map<String, Map<String, Object>> HOST_METADATA = metadata("of-endpoint");

    private final CompiledRoutes routes;
    private final EchoBackend backend;
    private final boolean leavesTraces;

    EngineSide(RouteConfiguration table, EchoBackend backend) {
        this.backend = backend;
        leavesTraces = EnvoySide.leavesTraces(table.getName());
        Decoded<RouteTable> decoded = ResourceDecoder.routeTable(table.getName(), Any.pack(table));
        if (!(decoded instanceof Decoded.Accepted<RouteTable> accepted)) {
            throw new AssertionError("Envoy accepts what the decoder does not: " + decoded + "\n" + table);
        }
        if (!accepted.unsupported().isEmpty()) {
            throw new AssertionError("not supported: " + accepted.unsupported() + "\n" + table);
        }
        routes = CompiledRoutes.of(accepted.value());
    }

    Outcome ask(RequestHead original) {
        RequestHead head = original.copy();
        StreamInfo info = new StreamInfo();
        info.protocol("HTTP/1.1");
        info.startTimeMillis(System.currentTimeMillis());
        CompiledRoute route = routes.select(head, info, 0);
        if (route == null) {
            return local(RouterReplies.routeNotFound(), null, head, null, info);
        }
        info.route(
                route.route().name(),
                route.route().metadata(),
                route.virtualHost().metadata());
        LocalReply reply = route.localReply(head, info, leavesTraces);
        if (reply != null) {
            return local(reply, null, head, null, info);
        }
        ClusterTarget target = route.chooseCluster(head, 0);
        int cluster = RandomTables.CLUSTERS.indexOf(target.name());
        if (cluster < 0) {
            int status = Objects.requireNonNull(route.forward()).clusterNotFoundStatus();
            return local(RouterReplies.clusterNotFound(status), route, head, target, info);
        }
        info.upstream().cluster(target.name(), CLUSTER_METADATA);
        route.rewriteRequest(head, target, info, leavesTraces);
        info.upstream().attemptBegins();
        info.upstream().host("127.0.0.1:" + backend.port(cluster), EnvoySide.HOSTNAME, HOST_METADATA);
        route.rewriteAuthorityToHost(head, EnvoySide.HOSTNAME, leavesTraces);
        info.upstream().connection("127.0.0.1:1", "HTTP/1.1");
        info.responseCodeDetails("via_upstream");
        ResponseHead response = new ResponseHead(200, new Headers());
        EchoBackend.reply(head.headers().get(EchoBackend.REPLY))
                .forEach(field -> response.headers().add(field.name(), field.value()));
        route.mutateResponse(response, head, target, info);
        return new Outcome(
                target.name(),
                head.method() + " " + head.path() + " HTTP/1.1 " + head.authority(),
                head.headers(),
                response.status(),
                response.headers(),
                "");
    }

    /** Which way a request took and by which rules, for the text of a failure. */
    String explain(RequestHead request) {
        RouteExplanation explanation = routes.explain(request, new StreamInfo(), 0);
        CompiledRoute route = explanation.route();
        if (route == null) {
            return explanation + "\n    " + explanation.virtualHost();
        }
        return explanation + "\n    route " + route.route() + "\n    in " + route.virtualHost() + "\n    table "
                + routes.table().rules() + "\n    passed over " + explanation.passedOver();
    }

    private static Outcome local(
            LocalReply reply,
            @Nullable CompiledRoute route,
            RequestHead request,
            @Nullable ClusterTarget target,
            StreamInfo info) {
        LocalReply finished = route == null ? reply : route.finish(reply, request, target, info);
        LocalReply fitted = finished.fittedTo(request);
        ResponseHead whole = fitted.head();
        if (!whole.headers().contains("content-length")) {
            // HTTP/1.1 needs it; the engine leaves it to whoever writes a response to a wire.
            if (whole.status() != 204) {
                whole.headers().add("content-length", "0");
            }
        }
        return new Outcome("", "", new Headers(), whole.status(), whole.headers(), fitted.body());
    }

    private static Map<String, Map<String, Object>> metadata(String text) {
        return Map.of("m", Map.of("k", text, "n", 7.0));
    }
}
