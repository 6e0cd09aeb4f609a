package io.inmesh.outbound;

import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.LocalReply;
import io.inmesh.routing.ClusterTarget;
import org.jspecify.annotations.Nullable;

/** Why the configuration leads a request to no host, in words for an operator. */
final class RouteProblem {
    /** The reason that an explanation has when there is no problem. */
    static final String NONE = "its route leads to a host";

    /** The reason of a passthrough where the listener was found and the host was not. */
    static final String ALLOWED = "the application allows it, and no virtual host has the domain";

    private RouteProblem() {}

    /** Why the mesh answered itself. */
    static String describe(LocalReply reply, RouteChoice choice) {
        StringBuilder text =
                new StringBuilder().append(reply.status()).append(' ').append(reply.details());
        UpstreamCluster cluster = choice.cluster();
        boolean routed = choice.route() != null && choice.route().forward() != null;
        if (choice.route() == null || (routed && (cluster == null || !choice.forwards()))) {
            text.append(", ").append(describe(choice));
        } else if (!reply.body().isEmpty() && routed) {
            text.append(", ").append(reply.body());
        }
        return text.toString();
    }

    static String describe(RouteChoice choice) {
        CompiledListener listener = choice.listener();
        if (choice.route() == null) {
            String absence = listener.routesAbsence();
            if (absence != null) {
                return absence;
            }
            return choice.isUnknownHost()
                    ? "no virtual host has the domain " + choice.authority()
                    : "no route of the virtual host of " + choice.authority() + " matches the request";
        }
        ClusterTarget target = choice.target();
        if (target == null) {
            return "the route forwards nothing";
        }
        return describe(target, choice.cluster());
    }

    private static String describe(ClusterTarget target, @Nullable UpstreamCluster cluster) {
        if (target.name().isEmpty()) {
            return "the request lacks the header that names its cluster";
        }
        String failure = cluster == null ? null : cluster.failure();
        return failure == null
                ? "the route's cluster " + target.name() + " does not exist: the control plane has not sent it"
                : "the cluster cannot be used: " + failure;
    }
}
