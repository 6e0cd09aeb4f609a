package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.inbound.InboundRequest;
import io.inmesh.security.MeshPrincipal;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request between the engine and an application on Netty, whatever the version of HTTP: the application sees nothing of it before the mesh has accepted it, and
 * nothing of the application's response goes out before the mesh has seen its head. Lives on the channel's event loop, but for {@link #principal}.
 */
abstract class NettyExchange implements InboundRequest.Observer {
    private enum Phase {
        /** The engine decides on the request. */
        DECIDING,
        /** The application has it. */
        ACCEPTED,
        /** The engine decides on the application's response. */
        RESPONDING,
        /** The response is on its way. */
        RESPONDED,
        /** The mesh has answered; what the application says is not wanted. */
        ANSWERED
    }

    private static final Logger LOG = LoggerFactory.getLogger(NettyMeshServer.class);

    private final ArrayDeque<Write> held = new ArrayDeque<>(4);
    private Phase phase = Phase.DECIDING;
    private @Nullable InboundRequest request;
    private volatile @Nullable MeshPrincipal principal;

    /** Gives the request, with the head as it is now, to the application. */
    abstract void deliver(RequestHead head);

    /** The head of an application's final response, or null for anything else: interim responses, bodies, trailers. */
    abstract @Nullable ResponseHead responseHead(Object message);

    /** Sends the application's response with the head as it is now. */
    abstract void send(Object response, ResponseHead head, ChannelPromise promise);

    /** Sends on what belongs to a response whose head is out, and interim responses before it. */
    abstract void send(Object message, ChannelPromise promise);

    /** Sends an answer of the mesh. */
    abstract void answer(ResponseHead head, LocalReply reply);

    /** Breaks the response off, whose head is out. */
    abstract void reset();

    /** What the application held back is written: it has to be flushed too. */
    abstract void flush();

    /** Asks the engine. */
    final void start(
            InboundConnection connection, NettyLoop loop, RequestHead head, boolean endStream, String protocol) {
        InboundRequest asked = connection.request(loop, head, endStream, protocol, this);
        request = asked;
        asked.start();
    }

    /** A piece of the request's body has come. */
    final void received(boolean last) {
        InboundRequest current = request;
        if (current != null && last) {
            current.requestEnded();
        } else if (current != null) {
            current.active();
        }
    }

    @Override
    public final void onReset(String reason) {
        LOG.debug("A response is broken off: {}", reason);
        reset();
    }

    @Override
    public final void onAccepted(RequestHead head) {
        phase = Phase.ACCEPTED;
        InboundRequest current = request;
        if (current != null) {
            principal = MeshPrincipal.of(current.info());
        }
        deliver(head);
    }

    @Override
    public final void onResponse(ResponseHead head, @Nullable LocalReply reply) {
        if (reply != null) {
            phase = Phase.ANSWERED;
            discard();
            answer(head, reply);
            return;
        }
        phase = Phase.RESPONDED;
        Write first = held.remove();
        boolean more = !held.isEmpty();
        send(first.message, head, first.promise);
        for (Write next = held.poll(); next != null; next = held.poll()) {
            send(next.message, next.promise);
        }
        if (more || first.waited) {
            flush();
        }
    }

    /** The application writes. */
    final void write(Object message, ChannelPromise promise) {
        switch (phase) {
            case ACCEPTED -> {
                ResponseHead head = responseHead(message);
                InboundRequest current = request;
                if (head == null || current == null) {
                    send(message, promise);
                } else {
                    phase = Phase.RESPONDING;
                    Write write = new Write(message, promise);
                    held.add(write);
                    current.respond(head);
                    write.waited = true;
                }
            }
            case RESPONDING -> held.add(new Write(message, promise));
            case RESPONDED -> {
                InboundRequest current = request;
                if (current != null) {
                    current.active();
                }
                send(message, promise);
            }
            case DECIDING, ANSWERED -> refuse(message, promise);
        }
    }

    /** Whether the application has not been given the request, and may yet be. */
    final boolean isDeciding() {
        return phase == Phase.DECIDING;
    }

    /** Whether the mesh answered in the application's place. */
    final boolean isAnswered() {
        return phase == Phase.ANSWERED;
    }

    /** Whether the head of the application's response is out. */
    final boolean isResponded() {
        return phase == Phase.RESPONDED;
    }

    /** Over, whatever became of it. Repeated calls do nothing. */
    final void end() {
        phase = Phase.ANSWERED;
        discard();
        InboundRequest current = request;
        if (current != null) {
            current.end();
        }
    }

    /** Who sent it; null before the application has it, and if nothing about the sender was verified. From any thread. */
    final @Nullable MeshPrincipal principal() {
        return principal;
    }

    /** What is known of it; null before it has set out. */
    final @Nullable StreamInfo info() {
        InboundRequest current = request;
        return current == null ? null : current.info();
    }

    private void discard() {
        for (Write write = held.poll(); write != null; write = held.poll()) {
            refuse(write.message, write.promise);
        }
    }

    static void refuse(Object message, ChannelPromise promise) {
        ReferenceCountUtil.release(message);
        promise.tryFailure(new ClosedChannelException());
    }

    private static final class Write {
        private final Object message;
        private final ChannelPromise promise;

        /** Whether the application may have flushed it while it was held. */
        private boolean waited;

        Write(Object message, ChannelPromise promise) {
            this.message = message;
            this.promise = promise;
        }
    }
}
