package io.inmesh.xds;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.CallFacts;
import io.inmesh.outbound.OutboundCall;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTransport;
import io.inmesh.xds.testing.ManualLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One call at the border between the mesh and the wire: what would be sent where, and what becomes of answers that a test gives. Its clock stands still until it is moved. */
final class RecordedCall implements UpstreamTransport, OutboundCall.Observer {
    final Loop loop = new Loop();
    final List<Attempt> attempts = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private @Nullable ResponseHead head;
    private @Nullable Throwable failure;

    void start(OutboundCall call) {
        call.request(Long.MAX_VALUE);
        call.start();
        loop.run();
    }

    /** The attempt that is under way. */
    Attempt attempt() {
        return attempts.get(attempts.size() - 1);
    }

    /** The response: status and body, or the failure. */
    String outcome() {
        return failure != null ? "failed: " + failure.getMessage() : response().status() + " " + body;
    }

    ResponseHead response() {
        return Objects.requireNonNull(head, () -> "no response, " + attempts.size() + " attempts, " + failure);
    }

    boolean isOver() {
        return head != null || failure != null;
    }

    @Override
    public UpstreamStream open(
            CallLoop unused,
            UpstreamTarget target,
            RequestHead request,
            boolean endStream,
            UpstreamTransport.Listener listener) {
        Attempt attempt = new Attempt(target, request.copy(), listener);
        attempts.add(attempt);
        return attempt;
    }

    @Override
    public void onHead(ResponseHead newHead, CallFacts facts) {
        head = newHead;
    }

    @Override
    public void onData(ByteBuffer data) {
        body.append(StandardCharsets.UTF_8.decode(data));
    }

    @Override
    public void onComplete(@Nullable Headers trailers) {}

    @Override
    public void onFailure(Throwable cause) {
        failure = cause;
    }

    /** A request that would have gone to a connection. */
    final class Attempt implements UpstreamTransport.UpstreamStream {
        final UpstreamTarget target;
        final RequestHead request;
        private final UpstreamTransport.Listener listener;
        boolean cancelled;

        Attempt(UpstreamTarget target, RequestHead request, UpstreamTransport.Listener listener) {
            this.target = target;
            this.request = request;
            this.listener = listener;
        }

        String cluster() {
            return ((UpstreamTarget.ToHost) target).cluster().name();
        }

        String host() {
            return ((UpstreamTarget.ToHost) target).host().toString();
        }

        void connect() {
            listener.onConnected(new ConnectionFacts("127.0.0.1:1", "127.0.0.1:2", "HTTP/1.1", false, null));
            loop.run();
        }

        void answer(int status, String... headers) {
            connect();
            listener.onHead(new ResponseHead(status, Headers.of(headers)), true);
            listener.onComplete(null);
            loop.run();
        }

        void fail(ResetReason reason) {
            listener.onReset(new Reset(reason, "by the test", null));
            loop.run();
        }

        @Override
        public void write(ByteBuffer data, boolean endStream) {}

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void request(long bytes) {}

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    /** The loop of sessions, as calls see one. */
    static final class Loop implements CallLoop {
        private final ManualLoop loop = new ManualLoop();

        @Override
        public boolean inLoop() {
            return loop.inLoop();
        }

        @Override
        public long nanoTime() {
            return loop.nanoTime();
        }

        @Override
        public void execute(Runnable task) {
            loop.execute(task);
        }

        @Override
        public Timer schedule(Runnable task, long delayNanos) {
            return loop.schedule(task, Duration.ofNanos(delayNanos))::cancel;
        }

        void run() {
            loop.run();
        }

        void advance(Duration time) {
            loop.advance(time);
        }
    }
}
