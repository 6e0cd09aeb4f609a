package io.inmesh.inbound;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.resilience.CallTimeouts;
import io.inmesh.resilience.Deadlines;
import io.inmesh.resilience.Deadlines.Limit;
import io.inmesh.resilience.RouterReplies;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The last hop: what Envoy's router does to a request that goes to the application beside it, and to the response. It asks once: a cluster of one host that
 * is this very process needs no retries.
 */
final class ApplicationHop {
    private static final String ATTEMPT_COUNT = "x-envoy-attempt-count";

    private final CompiledRoute route;
    private final @Nullable ClusterTarget target;
    private final RequestHead head;
    private final StreamInfo info;
    private final boolean envoyHeaders;
    private final Deadlines deadlines;
    private final int timeoutStatus;
    private @Nullable CallTimeouts timeouts;
    private long requestEndNanos = -1;

    ApplicationHop(InboundRoute chosen, RequestHead head, StreamInfo info, boolean envoyHeaders, Deadlines deadlines) {
        this.route = Objects.requireNonNull(chosen.route());
        this.target = chosen.target();
        this.head = head;
        this.info = info;
        this.envoyHeaders = envoyHeaders;
        this.deadlines = deadlines;
        // "If this header is set with any value, use an alternate response code on timeout": 204.
        this.timeoutStatus = head.headers().remove("x-envoy-upstream-rq-timeout-alt-response") ? 204 : 504;
    }

    /** In the order of {@code Filter::decodeHeaders}, so that header rules see what the router adds. */
    void prepare(boolean requestWhole) {
        Forward forward = route.forward();
        if (forward != null) {
            CallTimeouts limits = CallTimeouts.of(forward.timeouts(), null, head);
            timeouts = limits;
            if (envoyHeaders) {
                limits.announce(head, 0);
            }
            start(Limit.MAX_STREAM, limits.maxStream());
        }
        if (route.virtualHost().includeRequestAttemptCount()) {
            head.headers().set(ATTEMPT_COUNT, "1");
        }
        if (target != null) {
            route.rewriteRequest(head, target, info, envoyHeaders);
        }
        if (requestWhole) {
            requestEnded();
        }
    }

    /** The route's time runs from here on. */
    void requestEnded() {
        if (requestEndNanos < 0) {
            requestEndNanos = deadlines.elapsedNanos();
            if (timeouts != null) {
                start(Limit.RESPONSE, timeouts.response());
            }
        }
    }

    private void start(Limit limit, long millis) {
        if (millis > 0) {
            deadlines.start(limit, TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    /** The application's response on its way back. */
    void finish(ResponseHead response) {
        Headers headers = response.headers();
        if (route.virtualHost().includeAttemptCountInResponse()) {
            headers.set(ATTEMPT_COUNT, "1");
        }
        if (envoyHeaders && requestEndNanos >= 0) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadlines.elapsedNanos() - requestEndNanos);
            headers.set("x-envoy-upstream-service-time", Long.toString(millis));
        }
        if (target != null) {
            route.mutateResponse(response, head, target, info);
        }
    }

    /** The application took too long. */
    LocalReply timedOut() {
        LocalReply reply = RouterReplies.responseTimeout();
        return route.finish(
                new LocalReply(timeoutStatus, reply.body(), reply.headers(), reply.flag(), reply.details()),
                head,
                target,
                info);
    }
}
