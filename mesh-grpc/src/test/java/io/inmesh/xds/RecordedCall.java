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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
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

    /** A loop that runs when it is told to. */
    static final class Loop implements CallLoop {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final List<Scheduled> timers = new ArrayList<>();
        private long now;

        private static final class Scheduled {
            private final long at;
            private final Runnable task;

            Scheduled(long at, Runnable task) {
                this.at = at;
                this.task = task;
            }
        }

        @Override
        public boolean inLoop() {
            return true;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public Timer schedule(Runnable task, long delayNanos) {
            Scheduled timer = new Scheduled(now + delayNanos, task);
            timers.add(timer);
            return () -> timers.remove(timer);
        }

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        void advance(Duration time) {
            long end = now + time.toNanos();
            for (Scheduled next = next(end); next != null; next = next(end)) {
                timers.remove(next);
                now = next.at;
                next.task.run();
                run();
            }
            now = end;
        }

        private @Nullable Scheduled next(long end) {
            return timers.stream()
                    .filter(timer -> timer.at <= end)
                    .min(Comparator.comparingLong(timer -> timer.at))
                    .orElse(null);
        }
    }
}
