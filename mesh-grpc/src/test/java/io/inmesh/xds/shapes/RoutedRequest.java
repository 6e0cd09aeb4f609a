package io.inmesh.xds.shapes;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.RouteTable;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request under a table of routes: {@code METHOD AUTHORITY PATH}, then headers as {@code name:value}. */
final class RoutedRequest {
    private final RequestHead head;
    private final StreamInfo info = new StreamInfo();
    private final @Nullable CompiledRoute route;
    private @Nullable ClusterTarget target;

    private RoutedRequest(RouteTable table, String scheme, String request) {
        String[] words = request.split(" ");
        Headers headers = new Headers();
        for (int i = 3; i < words.length; i++) {
            int colon = words[i].indexOf(':');
            headers.add(words[i].substring(0, colon), words[i].substring(colon + 1));
        }
        head = new RequestHead(words[0], scheme, words[1], words[2], headers);
        route = CompiledRoutes.of(table).select(head, info, 0);
    }

    static RoutedRequest of(RouteTable table, String request) {
        return new RoutedRequest(table, "http", request);
    }

    static RoutedRequest ofHttps(RouteTable table, String request) {
        return new RoutedRequest(table, "https", request);
    }

    /** The name of the route that takes it. */
    String route() {
        return route == null ? "none" : route.route().name();
    }

    CompiledRoute compiled() {
        return Objects.requireNonNull(route);
    }

    /** What becomes of it: the mesh's own answer, or {@code METHOD AUTHORITY PATH to CLUSTER} as the upstream gets it. */
    String outcome(long random) {
        if (route == null) {
            return "404";
        }
        LocalReply reply = route.localReply(head, info, false);
        if (reply != null) {
            LocalReply finished = route.finish(reply, head, null, info);
            String location = finished.headers().get("location");
            return finished.status()
                    + (location == null ? "" : " " + location)
                    + (finished.body().isEmpty() ? "" : " " + finished.body());
        }
        ClusterTarget chosen = route.chooseCluster(head, random);
        target = chosen;
        route.rewriteRequest(head, chosen, info, false);
        return head.method() + " " + head.authority() + " " + head.path() + " to " + chosen.name();
    }

    /** The headers that it has now, as {@code name: value}. */
    List<String> headers() {
        return lines(head.headers());
    }

    /** The headers of the answer when the upstream sends these. */
    List<String> answered(String... headers) {
        ResponseHead response = new ResponseHead(200, Headers.of(headers));
        compiled().mutateResponse(response, head, Objects.requireNonNull(target), info);
        return lines(response.headers());
    }

    /** The headers of the mesh's own answer. */
    List<String> own() {
        LocalReply reply = Objects.requireNonNull(compiled().localReply(head, info, false));
        return lines(compiled().finish(reply, head, null, info).headers());
    }

    private static List<String> lines(Headers headers) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
            lines.add(headers.name(i) + ": " + headers.value(i));
        }
        return lines;
    }
}
