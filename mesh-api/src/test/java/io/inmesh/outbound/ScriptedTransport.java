package io.inmesh.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.balancing.Host;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A transport whose attempts do what a test says, and which holds the engine to the contract. */
final class ScriptedTransport implements UpstreamTransport {
    final List<Scripted> attempts = new ArrayList<>();

    @Override
    public UpstreamStream open(
            CallLoop loop, UpstreamTarget target, RequestHead head, boolean endStream, Listener listener) {
        Scripted attempt = new Scripted(target, head, endStream, listener);
        attempts.add(attempt);
        return attempt;
    }

    Scripted last() {
        return attempts.get(attempts.size() - 1);
    }

    Scripted attempt(int number) {
        return attempts.get(number - 1);
    }

    /** One attempt, from both sides. */
    static final class Scripted implements UpstreamStream {
        final UpstreamTarget target;
        final RequestHead head;
        final RequestHead headAsSent;
        private final Listener listener;
        private final StringBuilder written = new StringBuilder();
        boolean endWritten;
        boolean writable = true;
        long demand;
        boolean cancelled;
        boolean over;
        private boolean connected;
        private boolean headSent;

        Scripted(UpstreamTarget target, RequestHead head, boolean endStream, Listener listener) {
            this.target = target;
            this.head = head;
            this.headAsSent = head.copy();
            this.listener = listener;
            this.endWritten = endStream;
        }

        @Override
        public void write(ByteBuffer data, boolean endStream) {
            assertThat(cancelled).as("written after cancel").isFalse();
            assertThat(endWritten).as("written after the end").isFalse();
            written.append(StandardCharsets.UTF_8.decode(data));
            endWritten = endStream;
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void request(long bytes) {
            assertThat(cancelled).as("asked after cancel").isFalse();
            demand = Demand.add(demand, bytes);
        }

        @Override
        public void cancel() {
            assertThat(cancelled).as("cancelled twice").isFalse();
            cancelled = true;
        }

        String written() {
            return written.toString();
        }

        Host host() {
            return ((UpstreamTarget.ToHost) target).host();
        }

        boolean isOpen() {
            return !cancelled && !over;
        }

        void becomeWritable() {
            writable = true;
            if (isOpen()) {
                listener.onWritable();
            }
        }

        Scripted connect() {
            if (isOpen() && !connected) {
                connected = true;
                listener.onConnected(new ConnectionFacts("127.0.0.1:50000", "127.0.0.1:8080", "HTTP/1.1", false, null));
            }
            return this;
        }

        void informational(int status) {
            if (isOpen()) {
                listener.onInformational(status);
            }
        }

        /** A head, with more to come. */
        void headOf(int status, String... headers) {
            if (isOpen()) {
                connect();
                headSent = true;
                listener.onHead(new ResponseHead(status, Headers.of(headers)), false);
            }
        }

        void data(String text) {
            if (isOpen()) {
                demand -= text.length();
                listener.onData(
                        ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer());
            }
        }

        void complete(@Nullable Headers trailers) {
            if (isOpen()) {
                over = true;
                listener.onComplete(trailers);
            }
        }

        /** A whole response without a body. */
        void answer(int status, String... headers) {
            if (isOpen()) {
                connect();
                headSent = true;
                listener.onHead(new ResponseHead(status, Headers.of(headers)), true);
                complete(null);
            }
        }

        /** A head, if the contract allows one now. */
        void respond(int status) {
            if (!headSent) {
                headOf(status);
            }
        }

        /** A whole response, if the contract allows one now. */
        void respondWhole(int status) {
            if (!headSent) {
                answer(status);
            }
        }

        /** A piece of the response, if there is a head and something was asked for. */
        void sendIfAsked(String text) {
            if (headSent && demand > 0) {
                data(text);
            }
        }

        /** The end of the response, if it has begun. */
        void finish(@Nullable Headers trailers) {
            if (headSent) {
                complete(trailers);
            }
        }

        /** The host's name has this address; returns whether a connection to it may be made. */
        boolean leadsTo(String address) {
            String objection = listener.objection(Objects.requireNonNull(IpAddress.parse(address)));
            if (objection != null) {
                reset(ResetReason.RESOLUTION_FAILURE, objection);
            }
            return objection == null;
        }

        void reset(ResetReason reason, String detail) {
            if (isOpen()) {
                over = true;
                listener.onReset(new Reset(reason, detail, null));
            }
        }
    }
}
