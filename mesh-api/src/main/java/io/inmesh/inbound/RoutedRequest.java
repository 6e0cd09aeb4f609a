package io.inmesh.inbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterPlan;
import io.inmesh.filter.FilterRun;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.resilience.Deadlines;
import io.inmesh.resilience.Deadlines.Limit;
import io.inmesh.resilience.RouterReplies;
import io.inmesh.resilience.StreamReplies;
import io.inmesh.routing.CompiledRoute;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through a chain: its route, its filters, the application at their end, and the limits of time that hold for it. Until the head of a
 * response is out, whatever goes wrong becomes a response as Envoy would give it; afterwards the stream is broken off.
 */
final class RoutedRequest implements InboundRequest, FilterRun.Owner, Deadlines.Owner {
    private final ServedHttp http;
    private final CallLoop loop;
    private final RequestHead head;
    private final StreamInfo info;
    private final long chance;
    private final Observer observer;
    private final Deadlines deadlines;
    private final @Nullable LocalReply gone;
    private final Runnable over;

    private InboundRoute route;
    private @Nullable FilterRun filters;
    private @Nullable ApplicationHop hop;
    private boolean requestWhole;
    private long streamIdleNanos;

    /** Whether a response, of the application or of the mesh itself, has been given to the filters. */
    private boolean responding;

    private boolean headOut;
    private boolean ended;

    /**
     * A request that has not set out.
     *
     * @param gone the answer if the chain is not in force any more, whose filters nobody asks then
     * @param over told once when it is over
     */
    RoutedRequest(
            ServedHttp http,
            CallLoop loop,
            RequestHead head,
            boolean endStream,
            StreamInfo info,
            long chance,
            Observer observer,
            @Nullable LocalReply gone,
            Runnable over) {
        this.http = http;
        this.loop = loop;
        this.head = head;
        this.requestWhole = endStream;
        this.info = info;
        this.chance = chance;
        this.observer = observer;
        this.gone = gone;
        this.over = over;
        this.deadlines = new Deadlines(loop, this);
        this.route = http.noRoute();
    }

    @Override
    public void start() {
        if (gone != null) {
            answer(gone);
            return;
        }
        if (!requestWhole) {
            startUnlessZero(Limit.REQUEST, http.requestNanos());
        }
        startUnlessZero(Limit.MAX_STREAM, http.streamNanos());
        LocalReply refusal = http.entry().admit(head, info);
        if (refusal == null) {
            route = http.choose(head, info, chance);
            noteRoute();
        }
        if (!route.filters().isEmpty()) {
            filters = new FilterRun(loop, route.filters(), head, requestWhole, info, this);
        }
        if (refusal != null) {
            answer(refusal);
        } else if (filters == null) {
            onRequest();
        } else {
            filters.start();
        }
    }

    private void noteRoute() {
        CompiledRoute chosen = route.route();
        if (chosen != null) {
            info.route(
                    chosen.route().name(),
                    chosen.route().metadata(),
                    chosen.virtualHost().metadata());
        }
        Forward forward = route.forward();
        Duration idle = forward == null ? null : forward.timeouts().idle();
        streamIdleNanos = idle == null ? http.streamIdleNanos() : ServedHttp.nanos(idle);
        deadlines.stop(Limit.STREAM_IDLE);
        active();
    }

    @Override
    public FilterPlan selectRoute() {
        route = http.choose(head, info, chance);
        noteRoute();
        return route.filters();
    }

    @Override
    public void onRequest() {
        if (ended || responding) {
            return;
        }
        CompiledRoute chosen = route.route();
        if (chosen == null) {
            answer(RouterReplies.routeNotFound());
            return;
        }
        LocalReply direct = chosen.localReply(head, info, http.envoyHeaders());
        if (direct != null) {
            answer(direct);
        } else if (route.target() == null && !(chosen.route().action() instanceof RouteAction.NonForwarding)) {
            answer(RouterReplies.routeNotFound());
        } else {
            hop = new ApplicationHop(route, head, info, http.envoyHeaders(), deadlines);
            hop.prepare(requestWhole);
            observer.onAccepted(head);
        }
    }

    @Override
    public void active() {
        if (!ended) {
            startUnlessZero(Limit.STREAM_IDLE, streamIdleNanos);
        }
    }

    @Override
    public void requestEnded() {
        requestWhole = true;
        deadlines.stop(Limit.REQUEST);
        active();
        if (hop != null && !ended && !headOut) {
            hop.requestEnded();
        }
    }

    @Override
    public void respond(ResponseHead response) {
        if (ended || responding) {
            return;
        }
        responding = true;
        active();
        if (hop != null) {
            hop.finish(response);
        }
        info.responseCodeDetails("via_upstream");
        if (filters != null) {
            filters.respond(response);
        } else {
            onResponse(response, null);
        }
    }

    /** Takes an answer of the mesh itself through the filters. */
    private void answer(LocalReply reply) {
        responding = true;
        deadlines.stopAll();
        if (filters != null) {
            active();
            filters.reply(reply);
            return;
        }
        if (reply.flag() != null) {
            info.flags().add(reply.flag());
        }
        info.responseCodeDetails(reply.details());
        LocalReply fitted = reply.fittedTo(head);
        onResponse(fitted.head(), fitted);
    }

    @Override
    public void onResponse(ResponseHead response, @Nullable LocalReply reply) {
        if (ended) {
            return;
        }
        headOut = true;
        if (reply != null) {
            // Also where a filter has put its own answer in the place of the application's.
            responding = true;
            deadlines.stopAll();
            RefusalLog.SHARED.request(head, info, reply, response.status());
        }
        http.entry().finish(response, head);
        observer.onResponse(response, reply);
    }

    @Override
    public void onDeadline(Limit limit) {
        switch (limit) {
            case STREAM_IDLE -> overdue(StreamReplies.streamIdle(requestWhole));
            case MAX_STREAM -> overdue(StreamReplies.maxStreamDuration(requestWhole, head));
            case REQUEST -> overdue(StreamReplies.REQUEST_TIMEOUT);
            case RESPONSE -> {
                if (hop != null) {
                    overdue(hop.timedOut());
                }
            }
            case PER_TRY, PER_TRY_IDLE, BACK_OFF ->
                throw new IllegalStateException("the application is asked once, so there is no " + limit);
        }
    }

    private void overdue(LocalReply reply) {
        if (!responding) {
            answer(reply);
        } else if (headOut && !ended) {
            if (reply.flag() != null) {
                info.flags().add(reply.flag());
            }
            end();
            observer.onReset(reply.details());
        }
    }

    private void startUnlessZero(Limit limit, long nanos) {
        if (nanos > 0) {
            deadlines.start(limit, nanos);
        }
    }

    @Override
    public void end() {
        if (!ended) {
            ended = true;
            deadlines.stopAll();
            if (filters != null) {
                filters.end();
            }
            over.run();
        }
    }

    @Override
    public StreamInfo info() {
        return info;
    }
}
