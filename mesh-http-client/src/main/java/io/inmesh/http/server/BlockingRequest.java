package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.inbound.InboundRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request on a server whose threads may block: from its head to the verdict, and from the application's response to what goes out. Used by one thread at a time, not
 * always the same one.
 */
final class BlockingRequest implements AutoCloseable {
    private final ThreadLoop loop = new ThreadLoop();
    private final InboundRequest request;
    private @Nullable RequestHead accepted;
    private @Nullable Answer answer;
    private boolean whole;

    /**
     * A request that has not set out.
     *
     * @param head taken over
     * @param endStream whether it has no body
     * @param protocol  {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2}
     */
    BlockingRequest(InboundConnection connection, RequestHead head, boolean endStream, String protocol) {
        request = connection.request(loop, head, endStream, protocol, new Outcome());
        whole = endStream;
    }

    /**
     * Blocks until the mesh has decided. Called once, first.
     *
     * @return the head with which the application gets the request; null if the mesh answers itself, by {@link #answer()}
     * @throws InterruptedException if the thread was interrupted; the request is over then
     */
    @Nullable
    RequestHead verdict() throws InterruptedException {
        loop.run(request::start);
        await();
        return answer == null ? accepted : null;
    }

    /** The mesh's answer, or null as long as there is none. */
    @Nullable
    Answer answer() {
        return answer;
    }

    /** Whether all of its body has come, if there is one. */
    boolean isWhole() {
        return whole;
    }

    /**
     * The application has read a piece of the body. Neither blocks nor waits for another thread. A limit of time that has passed by now makes the mesh's own answer, which
     * takes the place of the application's response.
     *
     * @param last whether nothing more of it comes; counts once
     */
    void received(boolean last) {
        if (!whole) {
            whole = last;
            loop.execute(last ? request::requestEnded : request::active);
        }
    }

    /**
     * Blocks until the application's response may go out.
     *
     * @param head taken over
     * @return what goes out: the response, or the mesh's own answer, which may have been there before, or is one to a response that comes too late
     * @throws InterruptedException if the thread was interrupted; the request is over then
     */
    Answer respond(ResponseHead head) throws InterruptedException {
        loop.run(() -> {
            accepted = null;
            if (answer == null) {
                request.respond(head);
            }
        });
        await();
        Answer known = answer;
        if (known == null) {
            throw new IllegalStateException("the request was over before its response");
        }
        return known;
    }

    /** What is known of it, live. */
    StreamInfo info() {
        return request.info();
    }

    /** The request is over, whatever became of it. Repeated calls do nothing. */
    @Override
    public void close() {
        loop.run(request::end);
    }

    private void await() throws InterruptedException {
        try {
            loop.runUntil(() -> accepted != null || answer != null);
        } catch (InterruptedException e) {
            close();
            throw e;
        }
    }

    /**
     * What goes out.
     *
     * @param reply the mesh's own answer with its body, or null for the application's response
     */
    record Answer(ResponseHead head, @Nullable LocalReply reply) {}

    private final class Outcome implements InboundRequest.Observer {
        @Override
        public void onAccepted(RequestHead head) {
            accepted = head;
        }

        @Override
        public void onResponse(ResponseHead head, @Nullable LocalReply reply) {
            answer = new Answer(head, reply);
        }
    }
}
