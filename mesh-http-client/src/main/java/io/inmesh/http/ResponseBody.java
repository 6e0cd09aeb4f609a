package io.inmesh.http;

import io.inmesh.exchange.CallLoop;
import io.inmesh.outbound.OutboundCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The way of a response's body from the call's loop to the application's subscriber, which runs on the exchange's {@link Sequence}.
 *
 * <p>The subscriber counts lists of buffers, the call counts bytes. In between there is a window: what the call may deliver before the subscriber asked
 * for it. It is opened when the call starts, so that a small body needs no turn around, and opened again as the subscriber consumes. So a body that
 * nobody reads holds one window of memory, and then the sender.
 */
final class ResponseBody implements Flow.Subscription {
    /** Bytes that may be on their way to a subscriber. */
    static final int WINDOW = 256 * 1024;

    /** The window is opened again in steps of at least this many bytes, not for each buffer. */
    private static final int STEP = WINDOW / 4;

    private final Sequence sequence;
    private final CallLoop loop;
    private final OutboundCall call;
    private final long maxBytes;
    private final Runnable onEnd;

    private final Queue<ByteBuffer> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final AtomicLong demand = new AtomicLong();
    private volatile boolean cancelled;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Thread delivering;

    // On the loop.
    private long received;

    // On the sequence.
    private Flow.@Nullable Subscriber<List<ByteBuffer>> subscriber;
    private volatile boolean delivered;
    private int consumed;

    ResponseBody(Sequence sequence, CallLoop loop, OutboundCall call, long maxBytes, Runnable onEnd) {
        this.sequence = sequence;
        this.loop = loop;
        this.call = call;
        this.maxBytes = maxBytes;
        this.onEnd = onEnd;
    }

    /** A piece from the call; on the loop. */
    void arrive(ByteBuffer data) {
        if (cancelled || ended) {
            return;
        }
        received += data.remaining();
        if (received > maxBytes) {
            call.cancel();
            end(new IOException("the response body is longer than the " + maxBytes
                    + " bytes that maxResponseBodyBytes of the client allows"));
            return;
        }
        arrived.add(data);
        signal();
    }

    /** The end from the call, with its failure if there is one; on the loop. */
    void end(@Nullable Throwable cause) {
        if (!ended) {
            failure = cause;
            ended = true;
            onEnd.run();
            signal();
        }
    }

    /** Connects the subscriber; on the sequence, once. */
    void attach(Flow.Subscriber<List<ByteBuffer>> newSubscriber) {
        subscriber = newSubscriber;
        newSubscriber.onSubscribe(this);
        deliver();
    }

    /** Whether the subscriber has had everything, so that whoever runs on the sequence now holds nobody up. */
    boolean delivered() {
        return delivered;
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            fail(new IllegalArgumentException("Flow.Subscription.request wants a positive number, not " + n));
            return;
        }
        demand.accumulateAndGet(n, ResponseBody::saturatedSum);
        if (delivering != Thread.currentThread()) {
            signal();
        }
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            delivered = true;
            giveUp(null);
        }
    }

    /** Ends the body with an error from this side, and the call with it. */
    void fail(Throwable cause) {
        giveUp(cause);
    }

    private void giveUp(@Nullable Throwable cause) {
        boolean offered = LoopTask.offer(loop, () -> {
            call.cancel();
            arrived.clear();
            end(cause);
        });
        if (!offered) {
            end(cause);
        }
    }

    private void signal() {
        if (signalled.compareAndSet(false, true)) {
            sequence.execute(this::deliver);
        }
    }

    private void deliver() {
        signalled.set(false);
        Flow.Subscriber<List<ByteBuffer>> target = subscriber;
        if (target == null || delivered) {
            return;
        }
        delivering = Thread.currentThread();
        try {
            deliverTo(target);
        } catch (Throwable thrown) {
            // The application's subscriber broke its contract. It gets to know, and the exchange ends.
            delivered = true;
            giveUp(thrown);
            target.onError(thrown);
        } finally {
            delivering = null;
        }
    }

    private void deliverTo(Flow.Subscriber<List<ByteBuffer>> target) {
        while (!delivered) {
            // Asked in this order: what had arrived before the end was seen is delivered before the end.
            boolean last = ended;
            Throwable cause = failure;
            if (arrived.isEmpty()) {
                if (last) {
                    delivered = true;
                    if (cause == null) {
                        target.onComplete();
                    } else {
                        target.onError(cause);
                    }
                }
                return;
            }
            if (demand.get() == 0) {
                return;
            }
            List<ByteBuffer> buffers = takeAll();
            if (buffers.isEmpty()) {
                return;
            }
            if (demand.get() != Long.MAX_VALUE) {
                demand.decrementAndGet();
            }
            target.onNext(buffers);
            if (consumed >= STEP && !ended) {
                int bytes = consumed;
                consumed = 0;
                LoopTask.offer(loop, () -> call.request(bytes));
            }
        }
    }

    /** What has arrived; empty if a cancellation cleared it at this moment. */
    private List<ByteBuffer> takeAll() {
        ByteBuffer first = arrived.poll();
        if (first == null) {
            return List.of();
        }
        consumed += first.remaining();
        if (arrived.isEmpty()) {
            return List.of(first);
        }
        List<ByteBuffer> buffers = new ArrayList<>();
        buffers.add(first);
        for (ByteBuffer next = arrived.poll(); next != null; next = arrived.poll()) {
            consumed += next.remaining();
            buffers.add(next);
        }
        return Collections.unmodifiableList(buffers);
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
