package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.Explanation.Verdict;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.outbound.UpstreamTransport.UpstreamStream;
import io.inmesh.snapshot.Dialect.Destination;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call that goes straight to its address: one attempt, unchanged, without the mesh's limits; failures are the transport's own exceptions. Its body is not touched before
 * there is a connection, so that the call can still take the mesh's way when its host's name turns out to lead there.
 */
final class PassthroughCall implements OutboundCall, UpstreamTransport.Listener, RequestFeed.Owner {

    /** The way into the mesh. */
    interface Gate {
        /** Why the call must not go to this address outside of the mesh, or null. */
        @Nullable
        String objection(Destination destination, IpAddress address);

        /** Whether there was an objection, and the call is not this one's any more. */
        boolean turns();
    }

    private final Gate gate;
    private final CallSite site;
    private final Destination destination;
    private final String reason;
    private final RequestHead head;
    private final CallOptions options;
    private final RequestFeed feed;

    private @Nullable UpstreamStream stream;
    private @Nullable ConnectionFacts connection;
    private boolean responseWhole;
    private boolean ended;
    private boolean fed;
    private long demand;

    PassthroughCall(
            Gate gate,
            CallSite site,
            Destination destination,
            String reason,
            RequestHead head,
            @Nullable RequestBody body,
            CallOptions options) {
        this.gate = gate;
        this.site = site;
        this.destination = destination;
        this.reason = reason;
        this.head = head;
        this.options = options;
        this.feed = new RequestFeed(body, this);
    }

    @Override
    public void start() {
        UpstreamTarget target = new UpstreamTarget.Passthrough(
                destination.scheme(), destination.host(), destination.port(), options.version());
        UpstreamStream opened = site.transport().open(site.loop(), target, head, feed.isEmpty(), this);
        stream = opened;
        if (demand > 0) {
            opened.request(demand);
        }
    }

    @Override
    public void request(long bytes) {
        if (ended) {
            return;
        }
        if (stream == null) {
            demand = Demand.add(demand, bytes);
        } else {
            stream.request(bytes);
        }
    }

    @Override
    public void cancel() {
        if (!ended) {
            end();
        }
    }

    @Override
    public @Nullable String objection(IpAddress address) {
        return gate.objection(destination, address);
    }

    @Override
    public void onConnected(ConnectionFacts newConnection) {
        connection = newConnection;
        site.observer().onConnected();
        if (stream != null && !fed) {
            fed = true;
            feed.attach(stream, feed.isEmpty());
            feed.start();
        }
    }

    @Override
    public void onWritable() {
        feed.flow();
    }

    @Override
    public void onInformational(int status) {
        site.observer().onInformational(status);
    }

    @Override
    public void onHead(ResponseHead response, boolean endStream) {
        site.observer()
                .onHead(
                        response,
                        new CallFacts(
                                Explanation.of(destination, Verdict.PASSTHROUGH, reason),
                                Set.of(),
                                "via_upstream",
                                1,
                                connection,
                                true));
    }

    @Override
    public void onData(ByteBuffer data) {
        site.observer().onData(data);
    }

    @Override
    public void onComplete(@Nullable Headers trailers) {
        responseWhole = true;
        end();
        site.observer().onComplete(trailers);
    }

    @Override
    public void onReset(Reset reset) {
        stream = null;
        if (!gate.turns()) {
            fail(reset.cause() != null ? reset.cause() : new IOException(reset.detail()));
        }
    }

    @Override
    public void onRequestData() {}

    @Override
    public void onRequestEnd() {}

    @Override
    public void onRequestFailure(Throwable cause) {
        fail(cause);
    }

    @Override
    public void onKeptTooMuch() {
        throw new IllegalStateException("a passthrough keeps nothing");
    }

    private void fail(Throwable cause) {
        end();
        site.observer().onFailure(cause);
    }

    private void end() {
        ended = true;
        UpstreamStream open = stream;
        stream = null;
        // A response that is whole before its request is: the rest of the request is not wanted.
        if (open != null && !(responseWhole && feed.ended())) {
            open.cancel();
        }
        feed.cancel();
    }
}
