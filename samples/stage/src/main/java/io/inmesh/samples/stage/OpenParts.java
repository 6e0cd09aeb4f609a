package io.inmesh.samples.stage;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What is to be closed at the end, the last first, and all of it: what one of them throws keeps no other open. */
@SuppressWarnings("try") // a part may be interrupted as it closes
public final class OpenParts implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Nothing yet. */
    public OpenParts() {}

    /** Adds a part and gives it back. */
    public <T extends AutoCloseable> T add(T part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() throws Exception {
        @Nullable Exception first = null;
        for (AutoCloseable part = open.poll(); part != null; part = open.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
