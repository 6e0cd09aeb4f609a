package io.inmesh.outbound;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickTrace;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.outbound.UpstreamTransport.UpstreamStream;
import io.inmesh.resilience.CallTimeouts;
import io.inmesh.resilience.Deadlines.Limit;
import io.inmesh.resilience.RetryState;
import io.inmesh.resilience.RetryState.Decision;
import io.inmesh.resilience.RouterReplies;
import io.inmesh.resilience.StreamReplies;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.snapshot.Dialect.Destination;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of the filter chain, Envoy's {@code envoy.filters.http.router}: attempts at hosts of the route's cluster, one after the other, until there is
 * a response to pass on or nothing left to try. Until the head of a response has gone to the owner an attempt may be repeated; from then on it is the
 * only one.
 *
 * <p>Exactly one of {@link Owner#onReply}, {@link Owner#onWhole} and {@link Owner#onBroken} comes, last, unless it was closed.
 */
final class Router implements Attempt.Owner {

    /** The call that the router works for. */
    interface Owner {
        void onConnected();

        void onInformational(int status);

        /** The response that is passed on; more of it comes as it is asked for. */
        void onResponse(ResponseHead head);

        void onData(ByteBuffer data);

        void onWhole(@Nullable Headers trailers);

        /** There is no response. */
        void onReply(LocalReply reply);

        /** The response broke off. */
        void onBroken(String problem, ResponseFlag flag, @Nullable Throwable cause);
    }

    private final Owner owner;
    private final CallContext call;
    private final RouterRequest request;
    private final @Nullable WayOut out;
    private final UpstreamCluster cluster;
    private final boolean highPriority;
    private final HostChoice choice;
    private final AttemptLimits limits;
    private final int timeoutStatus;

    private @Nullable RequestTls tls;
    private @Nullable RetryState retries;
    private @Nullable Attempt attempt;
    private @Nullable Host host;
    private @Nullable ConnectionFacts connection;
    private boolean requestStarted;
    private boolean timedOut;
    private boolean responded;
    private boolean closed;

    Router(
            Owner owner,
            CallContext call,
            Destination destination,
            @Nullable WayOut out,
            CompiledRoute route,
            Forward forward,
            ClusterTarget target,
            UpstreamCluster cluster,
            boolean envoyHeaders) {
        this.owner = owner;
        this.call = call;
        this.out = out;
        this.cluster = cluster;
        this.highPriority = forward.highPriority();
        this.choice = new HostChoice(cluster, call.settings().random(), destination, call.head());
        CallTimeouts timeouts = CallTimeouts.of(forward.timeouts(), route.retryPolicy(), call.head());
        this.limits = new AttemptLimits(call.site().loop(), call.deadlines(), timeouts);
        this.request = new RouterRequest(call, route, target, limits, envoyHeaders);
        // "If this header is set with any value, use an alternate response code on timeout": 204.
        this.timeoutStatus = call.head().headers().remove("x-envoy-upstream-rq-timeout-alt-response") ? 204 : 504;
    }

    void start() {
        // In this order, so that a host which the request names is the one of its rewritten authority.
        request.prepare();
        Host first = choice.pick();
        if (first == null) {
            if (choice.trace().overflow()) {
                replyBeforeAttempt(RouterReplies.tooManyHosts());
            } else {
                reply(RouterReplies.noHealthyUpstream());
            }
            return;
        }
        tls = TransportOptions.of(cluster.configuration().http(), call.options().version(), call.head(), call.info());
        retries = RetryState.of(
                request.route().retryPolicy(),
                call.head(),
                cluster.circuitBreaker(highPriority),
                call.settings().random(),
                call.settings().clock());
        if (retries != null) {
            call.feed().keep(request.keepLimit(cluster.configuration()));
        }
        attempt(first);
        call.feed().start();
    }

    /** Lets more of the response that was passed on through. */
    void request(long bytes) {
        if (attempt != null) {
            attempt.request(bytes);
        }
    }

    /** The host of the newest attempt, or null before there is one. */
    @Nullable
    Host host() {
        return host;
    }

    /** The connection of the newest attempt, or null if it has none. */
    @Nullable
    ConnectionFacts connection() {
        return connection;
    }

    PickTrace pickTrace() {
        return choice.trace();
    }

    /** Ends all work. Repeated calls do nothing. */
    void close() {
        closed = true;
        endRetries();
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
    }

    private void attempt(Host chosen) {
        host = chosen;
        connection = null;
        call.info().upstream().attemptBegins();
        RequestHead head = request.headFor(chosen, cluster, retries != null);
        boolean endStream = call.feed().isEmpty();
        Attempt next = new Attempt(this, chosen, out);
        attempt = next;
        UpstreamStream stream = call.site()
                .transport()
                .open(
                        call.site().loop(),
                        new UpstreamTarget.ToHost(
                                cluster, chosen, highPriority, call.options().version(), tls),
                        head,
                        endStream,
                        next);
        next.started(stream);
        call.feed().attach(stream, endStream);
    }

    /** The request is whole. */
    void onRequestEnd() {
        limits.onRequestEnd();
    }

    /** More of the request has come than a retry may replay: {@code Filter::decodeData} gives up on retries. */
    void onKeptTooMuch() {
        endRetries();
        if (attempt == null && !closed) {
            reply(StreamReplies.KEPT_TOO_MUCH);
        }
    }

    void onDeadline(Limit limit) {
        switch (limit) {
            case RESPONSE -> onTimeout("response_timeout");
            case PER_TRY -> onTryTimeout("upstream_per_try_timeout");
            case PER_TRY_IDLE -> onTryTimeout("upstream_per_try_idle_timeout");
            case BACK_OFF -> retry();
            default -> throw new IllegalArgumentException(limit.toString());
        }
    }

    /** {@code Filter::onResponseTimeout}: counts over all attempts and pauses. */
    private void onTimeout(String details) {
        if (responded) {
            broken(
                    "the route's timeout passed before the response was whole; raise the route's timeout",
                    ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
                    null);
        } else {
            reply(timeout(details));
        }
    }

    /** {@code Filter::onPerTryTimeoutCommon}. */
    private void onTryTimeout(String details) {
        if (responded) {
            broken(
                    "the route's per_try_idle_timeout passed between two pieces of the response",
                    ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
                    null);
            return;
        }
        Attempt late = attempt;
        if (late == null) {
            return;
        }
        endAttempt();
        late.cancel();
        timedOut = true;
        if (!retries(decide(ResetReason.LOCAL_RESET))) {
            reply(timeout(details));
        }
    }

    private LocalReply timeout(String details) {
        return LocalReply.of(
                timeoutStatus,
                timeoutStatus == 504 ? RouterReplies.responseTimeout().body() : "",
                ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
                details);
    }

    @Override
    public void onConnected(Attempt which, ConnectionFacts facts) {
        connection = facts;
        requestStarted = true;
        request.noteAddress(host, facts);
        call.info().upstream().connection(facts.localAddress(), facts.protocol());
        limits.onConnected();
        owner.onConnected();
    }

    @Override
    public void onWritable() {
        call.feed().flow();
    }

    @Override
    public void onInformational(int status) {
        owner.onInformational(status);
    }

    @Override
    public void onHead(Attempt which, ResponseHead response, boolean endStream) {
        HopHeaders.strip(response.headers());
        request.addAttemptCount(response);
        RetryState state = retries;
        if (state != null && retries(state.onResponse(response))) {
            endAttempt();
            if (endStream && call.feed().ended()) {
                which.abandon();
            } else {
                which.cancel();
            }
            return;
        }
        responded = true;
        endRetries();
        call.feed().forget();
        limits.onResponse();
        call.info().responseCodeDetails("via_upstream");
        request.finish(response);
        owner.onResponse(response);
    }

    @Override
    public void onData(ByteBuffer data) {
        limits.onResponseData();
        owner.onData(data);
    }

    @Override
    public void onWhole(Attempt which, @Nullable Headers trailers) {
        endAttempt();
        if (!call.feed().ended()) {
            which.cancelRequest();
        }
        owner.onWhole(trailers);
    }

    @Override
    public void onReset(Attempt which, Reset reset) {
        endAttempt();
        timedOut = false;
        if (responded) {
            broken(
                    "the response broke off: " + reset.detail() + "; look at the endpoint's log",
                    RouterReplies.flag(reset.reason()),
                    reset.cause());
        } else if (reset.reason() == ResetReason.RESOLUTION_FAILURE) {
            call.info().upstream().attemptWasNone();
            replyBeforeAttempt(RouterReplies.unresolved(reset.detail()));
        } else if (!retries(decide(reset.reason()))) {
            call.info().upstream().transportFailure(reset.detail());
            reply(RouterReplies.reset(
                    reset.reason(),
                    transportFailure(reset),
                    call.info().upstream().attempts()));
        }
    }

    /** Envoy tells the reason of the transport only where no connection was made. */
    private static String transportFailure(Reset reset) {
        return reset.reason() == ResetReason.CONNECTION_FAILURE ? reset.detail() : "";
    }

    private @Nullable Decision decide(ResetReason reason) {
        return retries == null ? null : retries.onReset(reason, requestStarted);
    }

    /** Whether another attempt follows, after a pause. */
    private boolean retries(@Nullable Decision decision) {
        if (decision == Decision.LIMIT_EXCEEDED) {
            call.info().flags().add(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
        } else if (decision == Decision.OVERFLOW) {
            call.info().flags().add(ResponseFlag.UPSTREAM_OVERFLOW);
        }
        RetryState state = retries;
        if (decision != Decision.RETRY || state == null) {
            return false;
        }
        call.deadlines().start(Limit.BACK_OFF, TimeUnit.MILLISECONDS.toNanos(state.pauseMillis()));
        return true;
    }

    /** {@code Filter::doRetry}. */
    private void retry() {
        RetryState state = retries;
        Host last = host;
        Host next = state == null || last == null ? null : choice.pickAgain(state, last);
        if (next == null) {
            reply(RouterReplies.noHealthyUpstream());
            return;
        }
        request.prepareRetry(timedOut);
        timedOut = false;
        attempt(next);
    }

    private void endAttempt() {
        attempt = null;
        call.feed().detach();
        limits.onAttemptOver();
    }

    private void endRetries() {
        if (retries != null) {
            retries.close();
            retries = null;
        }
        call.deadlines().stop(Limit.BACK_OFF);
    }

    private void reply(LocalReply reply) {
        close();
        owner.onReply(request.finish(reply));
    }

    /** What Envoy's filter for dynamic forward proxies answers, before its router sees the request. */
    private void replyBeforeAttempt(LocalReply reply) {
        close();
        owner.onReply(request.finishBeforeAttempt(reply));
    }

    private void broken(String problem, ResponseFlag flag, @Nullable Throwable cause) {
        close();
        owner.onBroken(problem, flag, cause);
    }
}
