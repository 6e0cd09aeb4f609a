package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.Explanation.Verdict;
import io.inmesh.MeshException;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.filter.FilterPlan;
import io.inmesh.filter.FilterRun;
import io.inmesh.model.ClientRules.ClientCertificate;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.resilience.Deadlines;
import io.inmesh.resilience.Deadlines.Limit;
import io.inmesh.resilience.RouterReplies;
import io.inmesh.resilience.StreamReplies;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.snapshot.Dialect.Choice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call that takes a listener of the mesh: its route, its filters, the router at their end, and the limits that hold for the stream as a whole.
 * Until the head of a response is out, whatever happens becomes a response as Envoy would give it; afterwards it becomes a failure.
 */
final class RoutedCall implements OutboundCall, FilterRun.Owner, Router.Owner, Deadlines.Owner, RequestFeed.Owner {
    private final OutboundEngine engine;
    private final Arrival arrival;
    private final CallContext call;
    private final Observer observer;

    private final @Nullable LocalReply refusal;
    private CompiledMesh mesh;
    private RouteChoice choice;
    private long streamIdleNanos;
    private @Nullable FilterRun filters;
    private @Nullable Router router;

    /** Whether a response, of a host or of the mesh itself, has been given to the filters. */
    private boolean responding;

    private boolean headOut;
    private boolean ended;
    private long demand;
    private @Nullable ByteBuffer localBody;

    /** How the response ended while the filters still had its head. */
    private @Nullable Runnable endAfterHead;

    /** @param refusal what the call is answered before it looks at its route, or null */
    RoutedCall(
            OutboundEngine engine,
            Arrival arrival,
            CompiledMesh mesh,
            RouteChoice choice,
            @Nullable LocalReply refusal) {
        this.engine = engine;
        this.refusal = refusal;
        this.arrival = arrival;
        this.observer = arrival.site().observer();
        this.mesh = mesh;
        this.choice = choice;
        this.call = new CallContext(
                arrival.site(),
                engine.settings(),
                arrival.options(),
                arrival.head(),
                new RequestFeed(arrival.body(), this),
                new Deadlines(arrival.site().loop(), this),
                arrival.info());
    }

    @Override
    public void start() {
        // Envoy's connection manager answers the expectation itself, and the request goes on without it.
        if (call.head().headers().remove("expect")) {
            observer.onInformational(100);
        }
        // Mutual TLS ends at no caller in this process, so that what it says of a client's certificate does not go on
        // (ConnectionManagerUtility::mutateXfccRequestHeader).
        if (choice.listener().http().client().clientCertificate() != ClientCertificate.ALWAYS_FORWARD_ONLY) {
            call.head().headers().remove("x-forwarded-client-cert");
        }
        if (arrival.body() != null) {
            startUnlessZero(Limit.REQUEST, choice.listener().requestNanos());
        }
        noteRoute();
        if (!choice.filters().isEmpty()) {
            filters = new FilterRun(
                    call.site().loop(), choice.filters(), call.head(), arrival.body() == null, call.info(), this);
        }
        if (refusal != null) {
            answer(refusal);
        } else if (filters == null) {
            onRequest();
        } else {
            filters.start();
        }
    }

    @Override
    public void request(long bytes) {
        if (ended) {
            return;
        }
        if (!headOut) {
            demand = Demand.add(demand, bytes);
        } else if (localBody != null) {
            sendLocalBody(localBody);
        } else if (router != null) {
            router.request(bytes);
        }
    }

    @Override
    public void cancel() {
        if (!ended) {
            call.info().flags().add(ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION);
            end();
        }
    }

    private Explanation explain(Verdict verdict, String reason) {
        return choice.explain(
                arrival.destination(),
                verdict,
                reason,
                router == null ? null : router.host(),
                router == null ? null : router.pickTrace());
    }

    private void noteRoute() {
        CompiledRoute route = choice.route();
        Forward forward = route == null ? null : route.forward();
        if (route != null) {
            call.info()
                    .route(
                            route.route().name(),
                            route.route().metadata(),
                            route.virtualHost().metadata());
        }
        UpstreamCluster cluster = choice.cluster();
        if (cluster != null && choice.forwards()) {
            call.info()
                    .upstream()
                    .cluster(cluster.name(), cluster.configuration().metadata());
        }
        Duration idle = forward == null ? null : forward.timeouts().idle();
        streamIdleNanos = idle == null ? choice.listener().streamIdleNanos() : CompiledListener.nanos(idle);
        call.deadlines().stop(Limit.STREAM_IDLE);
        startUnlessZero(Limit.STREAM_IDLE, streamIdleNanos);
    }

    @Override
    public FilterPlan selectRoute() {
        choice = choice.listener().choose(call.head(), call.info(), arrival.chance());
        noteRoute();
        return choice.filters();
    }

    @Override
    public void onRequest() {
        if (ended || responding) {
            return;
        }
        if (isOutdated()) {
            chooseAgain();
        }
        CompiledRoute route = choice.route();
        LocalReply direct = route == null
                ? null
                : route.localReply(call.head(), call.info(), choice.listener().envoyHeaders());
        Forward forward = route == null ? null : route.forward();
        ClusterTarget target = choice.target();
        UpstreamCluster cluster = choice.cluster();
        if (direct != null) {
            answer(direct);
        } else if (route == null || forward == null || target == null) {
            answer(RouterReplies.routeNotFound());
        } else if (cluster == null || cluster.status() == UpstreamCluster.Status.UNKNOWN) {
            LocalReply missing = RouterReplies.clusterNotFound(forward.clusterNotFoundStatus());
            answer(route.finish(missing, call.head(), target, call.info()));
        } else {
            Router newRouter = new Router(
                    this,
                    call,
                    arrival.destination(),
                    WayOut.of(mesh, arrival.destination(), choice),
                    route,
                    forward,
                    target,
                    cluster,
                    choice.listener().envoyHeaders());
            router = newRouter;
            newRouter.start();
        }
    }

    /** Whether the cluster has gone with the configuration that the call started under. */
    private boolean isOutdated() {
        UpstreamCluster cluster = choice.cluster();
        return cluster != null && cluster.status() == UpstreamCluster.Status.UNKNOWN && engine.mesh() != mesh;
    }

    private void chooseAgain() {
        mesh = Objects.requireNonNull(engine.mesh());
        if (mesh.choose(arrival.destination()) instanceof Choice.Meshed meshed) {
            choice = mesh.listener(meshed).choose(call.head(), call.info(), arrival.chance());
            noteRoute();
        }
    }

    /** Takes an answer of the mesh itself through the filters. */
    private void answer(LocalReply reply) {
        responding = true;
        stopWork();
        if (filters != null) {
            startUnlessZero(Limit.STREAM_IDLE, streamIdleNanos);
            filters.reply(reply);
            return;
        }
        if (reply.flag() != null) {
            call.info().flags().add(reply.flag());
        }
        call.info().responseCodeDetails(reply.details());
        LocalReply fitted = reply.fittedTo(call.head());
        onResponse(fitted.head(), fitted);
    }

    @Override
    public void onConnected() {
        observer.onConnected();
    }

    @Override
    public void onInformational(int status) {
        observer.onInformational(status);
    }

    @Override
    public void onResponse(ResponseHead head) {
        responding = true;
        noteActivity();
        if (filters != null) {
            filters.respond(head);
        } else {
            onResponse(head, null);
        }
    }

    @Override
    public void onResponse(ResponseHead head, @Nullable LocalReply reply) {
        if (ended) {
            return;
        }
        headOut = true;
        if (reply != null) {
            // Also where a filter has put its own answer in the place of a host's.
            stopWork();
        }
        observer.onHead(head, facts(reply));
        if (ended) {
            return;
        }
        if (reply != null) {
            startLocalBody(reply);
        } else {
            if (demand > 0 && router != null) {
                router.request(demand);
            }
            if (endAfterHead != null) {
                endAfterHead.run();
            }
        }
    }

    private CallFacts facts(@Nullable LocalReply reply) {
        Set<ResponseFlag> flags = call.info().flags();
        String details = call.info().responseCodeDetails();
        return new CallFacts(
                reply == null
                        ? explain(Verdict.ROUTED, RouteProblem.NONE)
                        : explain(Verdict.ANSWERED, RouteProblem.describe(reply, choice)),
                flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags)),
                details == null ? "" : details,
                call.info().upstream().attempts(),
                router == null ? null : router.connection(),
                false);
    }

    private void startLocalBody(LocalReply reply) {
        if (reply.body().isEmpty() || arrival.method().equals("HEAD")) {
            complete(null);
            return;
        }
        localBody =
                ByteBuffer.wrap(reply.body().getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
        if (demand > 0) {
            sendLocalBody(localBody);
        }
    }

    private void sendLocalBody(ByteBuffer body) {
        localBody = null;
        observer.onData(body);
        if (!ended) {
            complete(null);
        }
    }

    @Override
    public void onData(ByteBuffer data) {
        noteActivity();
        observer.onData(data);
    }

    @Override
    public void onWhole(@Nullable Headers trailers) {
        if (headOut) {
            complete(trailers);
        } else {
            endAfterHead = () -> complete(trailers);
        }
    }

    @Override
    public void onReply(LocalReply reply) {
        answer(reply);
    }

    @Override
    public void onBroken(String problem, ResponseFlag flag, @Nullable Throwable cause) {
        call.info().flags().add(flag);
        MeshException failure = new MeshException(problem, explain(Verdict.ROUTED, RouteProblem.NONE), flag, cause);
        if (headOut) {
            fail(failure);
        } else {
            endAfterHead = () -> fail(failure);
        }
    }

    @Override
    public void onDeadline(Limit limit) {
        boolean requestWhole = call.feed().ended() || arrival.body() == null;
        switch (limit) {
            case STREAM_IDLE -> onStreamLimit(StreamReplies.streamIdle(requestWhole));
            case MAX_STREAM -> onStreamLimit(StreamReplies.maxStreamDuration(requestWhole, call.head()));
            case REQUEST -> onStreamLimit(StreamReplies.REQUEST_TIMEOUT);
            default -> {
                if (router != null) {
                    router.onDeadline(limit);
                }
            }
        }
    }

    private void onStreamLimit(LocalReply reply) {
        if (responding) {
            fail(new MeshException(
                    "the response broke off: " + reply.body() + " (" + reply.details() + ")",
                    explain(Verdict.ROUTED, RouteProblem.NONE),
                    reply.flag(),
                    null));
        } else {
            answer(reply);
        }
    }

    @Override
    public void onRequestData() {
        noteActivity();
    }

    @Override
    public void onRequestEnd() {
        call.deadlines().stop(Limit.REQUEST);
        if (router != null) {
            router.onRequestEnd();
        }
    }

    @Override
    public void onRequestFailure(Throwable cause) {
        fail(cause);
    }

    @Override
    public void onKeptTooMuch() {
        if (router != null) {
            router.onKeptTooMuch();
        }
    }

    private void noteActivity() {
        startUnlessZero(Limit.STREAM_IDLE, streamIdleNanos);
    }

    private void startUnlessZero(Limit limit, long nanos) {
        if (nanos > 0) {
            call.deadlines().start(limit, nanos);
        }
    }

    private void complete(@Nullable Headers trailers) {
        end();
        observer.onComplete(trailers);
    }

    private void fail(Throwable cause) {
        if (!ended) {
            end();
            observer.onFailure(cause);
        }
    }

    private void end() {
        ended = true;
        stopWork();
        if (filters != null) {
            filters.end();
        }
    }

    private void stopWork() {
        call.deadlines().stopAll();
        call.feed().cancel();
        if (router != null) {
            router.close();
        }
    }
}
