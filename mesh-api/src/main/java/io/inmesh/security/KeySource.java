package io.inmesh.security;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where a provider's keys come from. Thread-safe; no method blocks. */
interface KeySource {

    /** The keys to use now, or null if they have to be waited for. */
    @Nullable
    JsonWebKeys now();

    /**
     * Waits for keys, for a bounded time.
     *
     * @param then gets them, or null if they could not be had; at once, or on the thread that fetched them
     */
    void await(Consumer<@Nullable JsonWebKeys> then);

    /** Keys that are always there. */
    record Fixed(JsonWebKeys keys) implements KeySource {
        @Override
        public JsonWebKeys now() {
            return keys;
        }

        @Override
        public void await(Consumer<@Nullable JsonWebKeys> then) {
            then.accept(keys);
        }
    }
}
