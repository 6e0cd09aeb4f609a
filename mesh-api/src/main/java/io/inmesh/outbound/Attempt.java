package io.inmesh.outbound;

import io.inmesh.balancing.Host;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.outbound.UpstreamTransport.UpstreamStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one host. It passes on what the transport says for as long as it is the attempt that counts, and gives its place among the host's
 * active requests back once, whatever happens.
 */
final class Attempt implements UpstreamTransport.Listener {

    /** Told what becomes of the attempt; after {@link #onWhole} and {@link #onReset} comes nothing. */
    interface Owner {
        void onConnected(Attempt attempt, ConnectionFacts connection);

        void onWritable();

        void onHead(Attempt attempt, ResponseHead head, boolean endStream);

        void onData(ByteBuffer data);

        void onWhole(Attempt attempt, @Nullable Headers trailers);

        void onReset(Attempt attempt, Reset reset);

        void onInformational(int status);
    }

    private final Owner owner;
    private final Host host;
    private final @Nullable WayOut out;
    private @Nullable UpstreamStream stream;
    private boolean over;

    /** @param out the rule for addresses where the attempt leads out of the mesh, or null */
    Attempt(Owner owner, Host host, @Nullable WayOut out) {
        this.owner = owner;
        this.host = host;
        this.out = out;
        host.activeRequests().incrementAndGet();
    }

    void started(UpstreamStream newStream) {
        stream = newStream;
    }

    void request(long bytes) {
        if (stream != null && !over) {
            stream.request(bytes);
        }
    }

    /** Gives it up. Repeated calls do nothing. */
    void cancel() {
        if (!over) {
            end();
            cancelRequest();
        }
    }

    /** Its response has nothing more to say than its head, and that is not wanted: lets it come to its end, so that the connection can be used again. */
    void abandon() {
        if (!over) {
            end();
        }
    }

    /** The response is whole, and what is left of the request is not wanted. */
    void cancelRequest() {
        if (stream != null) {
            stream.cancel();
        }
    }

    private void end() {
        over = true;
        host.activeRequests().decrementAndGet();
    }

    @Override
    public @Nullable String objection(IpAddress address) {
        return out == null ? null : out.objection(address);
    }

    @Override
    public void onConnected(ConnectionFacts newConnection) {
        if (!over) {
            owner.onConnected(this, newConnection);
        }
    }

    @Override
    public void onWritable() {
        if (!over) {
            owner.onWritable();
        }
    }

    @Override
    public void onInformational(int status) {
        if (!over) {
            owner.onInformational(status);
        }
    }

    @Override
    public void onHead(ResponseHead head, boolean endStream) {
        if (!over) {
            owner.onHead(this, head, endStream);
        }
    }

    @Override
    public void onData(ByteBuffer data) {
        if (!over) {
            owner.onData(data);
        }
    }

    @Override
    public void onComplete(@Nullable Headers trailers) {
        if (!over) {
            end();
            owner.onWhole(this, trailers);
        }
    }

    @Override
    public void onReset(Reset reset) {
        if (!over) {
            end();
            owner.onReset(this, reset);
        }
    }
}
