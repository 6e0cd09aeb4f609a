package io.inmesh.filter;

import io.inmesh.exchange.LocalReply;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stop until something asynchronous is done. A filter makes one, hands it to whoever will know, and returns it:
 *
 * <pre>{@code
 * Suspension suspension = new Suspension();
 * quota.ask(stream.request().authority()).thenAccept(granted -> {
 *     if (granted) {
 *         suspension.resume();
 *     } else {
 *         suspension.reply(LocalReply.of(429, "over quota", null, "quota"));
 *     }
 * });
 * return suspension;
 * }</pre>
 *
 * <p>Thread-safe. The stream goes on on its own loop, also if it was resumed before the filter returned. Only the first call of {@link #resume} or
 * {@link #reply} counts; a stream that ended meanwhile takes no notice.
 */
public final class Suspension implements FilterStep {
    /** Null, then a {@link FilterStep} if the answer was first or a consumer of one if the engine was, then {@link #DONE}. */
    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    private static final Object DONE = new Object();

    /** A suspension that nobody has ended yet. */
    public Suspension() {}

    /** On to the next filter. */
    public void resume() {
        resolve(FilterStep.CONTINUE);
    }

    /** Answer with this instead. */
    public void reply(LocalReply reply) {
        resolve(FilterStep.reply(reply));
    }

    private void resolve(FilterStep step) {
        if (state.compareAndSet(null, step)) {
            return;
        }
        Object waiting = state.get();
        if (waiting instanceof Waiter waiter && state.compareAndSet(waiter, DONE)) {
            waiter.then().accept(step);
        }
    }

    /** The engine waits: {@code then} gets the answer, at once or on the thread that gives it. A suspension serves one stop only. */
    void await(Consumer<FilterStep> then) {
        Waiter waiter = new Waiter(then);
        if (state.compareAndSet(null, waiter)) {
            return;
        }
        Object known = state.get();
        if (known instanceof FilterStep step && state.compareAndSet(step, DONE)) {
            then.accept(step);
        } else {
            throw new IllegalStateException("a Suspension was returned twice");
        }
    }

    private record Waiter(Consumer<FilterStep> then) {}
}
