package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.Explanation.Verdict;
import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickContext;
import io.inmesh.balancing.PickTrace;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.UrlNormalizer;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MissingConfiguration;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Takes the way of a request in thought. Filters are not run: they may talk to others. */
final class Explainer implements PickContext {
    private final OutboundEngine engine;
    private final PickTrace trace = new PickTrace();
    private @Nullable Destination asked;
    private @Nullable RequestHead rewritten;

    Explainer(OutboundEngine engine) {
        this.engine = engine;
    }

    Explanation explain(RequestHead head) {
        Destination destination = Destination.of(head.scheme(), head.authority());
        CompiledMesh mesh = engine.mesh();
        if (mesh == null) {
            return Explanation.of(
                    destination,
                    Verdict.WAITING,
                    "the first complete snapshot has not come; " + MissingConfiguration.describe(engine.status()));
        }
        Choice choice = mesh.choose(destination);
        if (choice instanceof Choice.Meshed meshed) {
            return explain(mesh.listener(meshed), destination, head.copy());
        }
        if (choice instanceof Choice.Passthrough passthrough) {
            return Explanation.of(destination, Verdict.PASSTHROUGH, passthrough.reason());
        }
        if (choice instanceof Choice.Wanted wanted) {
            String absence = mesh.snapshot().absent().get(wanted.name());
            return absence == null
                    ? Explanation.of(destination, Verdict.WAITING, "the first call will ask for " + wanted.name())
                    : refused(destination, Choice.Refused.unknown(wanted.name() + " does not exist: " + absence));
        }
        return refused(destination, (Choice.Refused) choice);
    }

    private Explanation refused(Destination destination, Choice.Refused refused) {
        return refused.unknown() && engine.settings().passthrough().test(destination)
                ? Explanation.of(destination, Verdict.PASSTHROUGH, "the application allows it, and " + refused.reason())
                : Explanation.of(destination, Verdict.REFUSED, refused.reason());
    }

    private Explanation explain(CompiledListener listener, Destination destination, RequestHead head) {
        StreamInfo info = new StreamInfo();
        LocalReply refusal = UrlNormalizer.apply(head, listener.http().url(), destination.port());
        RouteChoice choice = listener.choose(head, info, random().nextLong());
        if (refusal != null) {
            return answered(choice, destination, refusal.status() + " because of its path", null);
        }
        CompiledRoute route = choice.route();
        if (route == null) {
            return choice.isUnknownHost() && engine.settings().passthrough().test(destination)
                    ? Explanation.of(destination, Verdict.PASSTHROUGH, RouteProblem.ALLOWED)
                    : answered(choice, destination, RouteProblem.describe(choice), null);
        }
        LocalReply direct = route.localReply(head, info, listener.envoyHeaders());
        if (direct != null) {
            return answered(choice, destination, direct.status() + " by the route itself", null);
        }
        UpstreamCluster cluster = choice.cluster();
        if (cluster == null || !choice.forwards()) {
            return answered(choice, destination, RouteProblem.describe(choice), null);
        }
        // A host that a request names is that of its rewritten authority.
        route.rewriteRequest(head, Objects.requireNonNull(choice.target()), info, listener.envoyHeaders());
        asked = destination;
        rewritten = head;
        Host host = cluster.pick(this);
        return host == null
                ? answered(choice, destination, "503, no host of the cluster may be used", trace)
                : choice.explain(destination, Verdict.ROUTED, RouteProblem.NONE, host, trace);
    }

    private static Explanation answered(
            RouteChoice choice, Destination destination, String reason, @Nullable PickTrace trace) {
        return choice.explain(destination, Verdict.ANSWERED, reason, null, trace);
    }

    @Override
    public RandomGenerator random() {
        return engine.settings().random();
    }

    @Override
    public @Nullable Destination destination() {
        return asked;
    }

    @Override
    public @Nullable RequestHead request() {
        return rewritten;
    }

    @Override
    public boolean keepsHost() {
        return false;
    }

    @Override
    public PickTrace trace() {
        return trace;
    }
}
