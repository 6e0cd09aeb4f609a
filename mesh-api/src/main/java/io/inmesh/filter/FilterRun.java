package io.inmesh.filter;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream on its way through a chain, in either direction of the mesh: {@link #start} takes the request through the filters to the owner, which
 * routes it or hands it to the application, and {@link #respond} or {@link #reply} takes the response back. Where
 * {@link FilterPlan#isEmpty()}, an owner does without.
 *
 * <p>Lives on the stream's loop: owners call it there, and are called there.
 */
public final class FilterRun implements FilterStream {
    private static final Logger LOG = LoggerFactory.getLogger(FilterRun.class);

    private static final FilterStep FAILED = FilterStep.reply(LocalReply.of(500, "", null, "filter_failed"));

    /** Whoever the stream belongs to: a call on its way out, a server's request. */
    public interface Owner {
        /** A filter had the route cleared: selects it by the head as it is now. */
        FilterPlan selectRoute();

        /** All filters let the request pass. */
        void onRequest();

        /**
         * The response has passed the filters; comes once.
         *
         * @param reply what the data plane or a filter answers itself, with the body to send; null for a response that was passed to {@link #respond}
         */
        void onResponse(ResponseHead head, @Nullable LocalReply reply);
    }

    private enum Phase {
        REQUEST,
        ROUTED,
        RESPONSE,
        ENDED
    }

    private final CallLoop loop;
    private final RequestHead head;
    private final boolean endStream;
    private final StreamInfo info;
    private final Owner owner;

    /** The plan of the first route: says which filters are on. */
    private final FilterPlan switches;

    private FilterPlan plan;
    private Phase phase = Phase.REQUEST;
    private int position = -1;
    private boolean routeCleared;

    /** The filters that saw the request, once another route was selected; until then the plan has them. */
    private HttpFilter @Nullable [] used;

    private @Nullable Object @Nullable [] attachments;
    private @Nullable ResponseHead response;
    private @Nullable LocalReply localReply;

    /** The filters below this position have seen the request, or the response. */
    private int seen;

    /** Whether a filter is at work on an executor; nothing else happens to the stream until it is back. */
    private boolean away;

    /** What the owner wanted meanwhile. */
    private @Nullable Runnable whenBack;

    /** Counts the steps, so that the end of an earlier suspension is known to be late. */
    private int step;

    /**
     * A stream that has not begun.
     *
     * @param plan      of the route that the request has at first
     * @param endStream whether the request has no body
     */
    public FilterRun(
            CallLoop loop, FilterPlan plan, RequestHead head, boolean endStream, StreamInfo info, Owner owner) {
        this.loop = loop;
        this.switches = plan;
        this.plan = plan;
        this.head = head;
        this.endStream = endStream;
        this.info = info;
        this.owner = owner;
    }

    /** Sets out. Called once. */
    public void start() {
        nextOnRequest();
    }

    /** Takes the upstream's or the application's response back through the filters. */
    public void respond(ResponseHead head) {
        onceBack(() -> startResponse(head, null));
    }

    /** Takes a reply of the owner back through the filters, as Envoy does with its own. Of no effect once there is a response. */
    public void reply(LocalReply reply) {
        onceBack(() -> startResponse(reply));
    }

    /** The stream is over; the owner hears nothing more. May be called in any state, again without effect. */
    public void end() {
        onceBack(() -> {
            if (phase != Phase.ENDED) {
                enter(Phase.ENDED, -1);
                nextOnEnd();
            }
        });
    }

    private void onceBack(Runnable action) {
        Runnable earlier = whenBack;
        if (!away) {
            action.run();
        } else if (earlier == null) {
            whenBack = action;
        } else {
            whenBack = () -> {
                earlier.run();
                onceBack(action);
            };
        }
    }

    private void nextOnRequest() {
        while (++position < plan.size()) {
            selectRouteAgain();
            seen = position + 1;
            if (!visit()) {
                return;
            }
        }
        selectRouteAgain();
        enter(Phase.ROUTED, position);
        owner.onRequest();
    }

    private void nextOnResponse() {
        while (--position >= 0) {
            if (!visit()) {
                return;
            }
        }
        deliver();
    }

    private void nextOnEnd() {
        while (++position < seen) {
            if (!visit()) {
                return;
            }
        }
    }

    /** Has the filter at the current position do its part; true to go on at once. */
    private boolean visit() {
        if (switches.isDisabled(position)) {
            return true;
        }
        HttpFilter filter = used == null ? plan.filter(position) : used[position];
        Executor executor = plan.executor(position);
        if (executor == null) {
            return apply(call(filter));
        }
        away = true;
        try {
            executor.execute(() -> {
                FilterStep next = call(filter);
                loop.execute(() -> back(next));
            });
        } catch (RuntimeException e) {
            LOG.warn("The executor of {} takes no work", filter.getClass().getName(), e);
            loop.execute(() -> back(FAILED));
        }
        return false;
    }

    /** Whatever a filter throws, its stream must not hang. */
    private FilterStep call(HttpFilter filter) {
        try {
            ResponseHead current = response;
            if (phase == Phase.REQUEST) {
                return filter.onRequest(this);
            }
            if (phase == Phase.RESPONSE && current != null) {
                return filter.onResponse(this, current);
            }
            filter.onEnd(this);
            return FilterStep.CONTINUE;
        } catch (Throwable e) {
            LOG.warn("{} failed", filter.getClass().getName(), e);
            return FAILED;
        }
    }

    private void back(FilterStep next) {
        away = false;
        Runnable wanted = whenBack;
        whenBack = null;
        int before = step;
        if (wanted != null) {
            wanted.run();
        }
        if (step == before) {
            proceed(next);
        } // else the owner has taken the stream elsewhere, and what the filter wanted no longer matters
    }

    private void proceed(FilterStep next) {
        if (apply(next)) {
            switch (phase) {
                case REQUEST -> nextOnRequest();
                case RESPONSE -> nextOnResponse();
                case ENDED -> nextOnEnd();
                case ROUTED -> throw new IllegalStateException("no filter is asked while a request is with its owner");
            }
        }
    }

    /** True to go on at once. */
    private boolean apply(FilterStep next) {
        step++;
        if (phase == Phase.ENDED || next instanceof FilterStep.Continue) {
            return true;
        }
        if (next instanceof Suspension suspension) {
            int expected = step;
            suspension.await(answer -> loop.execute(() -> {
                if (step == expected) {
                    proceed(answer);
                }
            }));
        } else if (next instanceof FilterStep.Reply reply) {
            if (phase == Phase.RESPONSE) {
                // Envoy's sendLocalReply while a response's head is on its way: straight to the caller, past the
                // filters that remain.
                take(reply.reply());
                deliver();
            } else {
                startResponse(reply.reply());
            }
        }
        return false;
    }

    private void startResponse(LocalReply reply) {
        if (phase == Phase.REQUEST || phase == Phase.ROUTED) {
            startResponse(take(reply), localReply);
        }
    }

    private void startResponse(ResponseHead newResponse, @Nullable LocalReply reply) {
        if (phase == Phase.REQUEST || phase == Phase.ROUTED) {
            response = newResponse;
            localReply = reply;
            seen = plan.size();
            enter(Phase.RESPONSE, seen);
            nextOnResponse();
        }
    }

    private ResponseHead take(LocalReply reply) {
        ResponseFlag flag = reply.flag();
        if (flag != null) {
            info.flags().add(flag);
        }
        info.responseCodeDetails(reply.details());
        LocalReply fitting = reply.fittedTo(head);
        ResponseHead newResponse = fitting.head();
        localReply = fitting;
        response = newResponse;
        return newResponse;
    }

    private void deliver() {
        ResponseHead current = response;
        if (current != null) {
            position = -1;
            owner.onResponse(current, localReply);
        }
    }

    private void enter(Phase next, int from) {
        phase = next;
        position = from;
        step++;
    }

    private void selectRouteAgain() {
        if (!routeCleared) {
            return;
        }
        routeCleared = false;
        FilterPlan selected = owner.selectRoute();
        if (selected != plan && used == null) {
            used = new HttpFilter[plan.size()];
            for (int i = 0; i < used.length; i++) {
                used[i] = plan.filter(i);
            }
        }
        if (used != null) {
            for (int i = position; i < used.length; i++) {
                used[i] = selected.filter(i);
            }
        }
        plan = selected;
    }

    @Override
    public RequestHead request() {
        return head;
    }

    @Override
    public boolean endStream() {
        return endStream;
    }

    @Override
    public StreamInfo info() {
        return info;
    }

    @Override
    public void clearRouteCache() {
        routeCleared = phase == Phase.REQUEST;
    }

    @Override
    public @Nullable Object attachment() {
        return attachments == null ? null : attachments[position];
    }

    @Override
    public void attachment(@Nullable Object newAttachment) {
        if (attachments == null) {
            attachments = new Object[plan.size()];
        }
        attachments[position] = newAttachment;
    }
}
