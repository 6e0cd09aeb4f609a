package io.inmesh.security;

import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells one listener of one secret, one state after the other and never an older one after a newer one, whichever threads look at the same time. No thread waits for
 * another: who comes while someone is telling leaves it to that one to look once more.
 */
final class SecretWatch implements SecretProvider.Watch {
    private final Supplier<SecretState> state;
    private final Consumer<SecretState> listener;
    private final Consumer<SecretWatch> onClose;
    private final String name;
    private final AtomicInteger looks = new AtomicInteger();
    private volatile boolean closed;

    /** Belongs to whoever is telling. */
    private @Nullable SecretState told;

    SecretWatch(
            Supplier<SecretState> state, Consumer<SecretState> listener, Consumer<SecretWatch> onClose, String name) {
        this.state = state;
        this.listener = listener;
        this.onClose = onClose;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Tells the state of this moment unless it was told already. */
    void look() {
        if (looks.getAndIncrement() > 0) {
            return;
        }
        int seen = 1;
        while (seen > 0) {
            SecretState now = state.get();
            if (!closed && !now.equals(told)) {
                told = now;
                listener.accept(now);
            }
            seen = looks.addAndGet(-seen);
        }
    }

    @Override
    public void close() {
        closed = true;
        onClose.accept(this);
    }
}
