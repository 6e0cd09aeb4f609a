package io.inmesh.outbound;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSource.Interest;
import io.inmesh.snapshot.ResourceName;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The resources that calls have asked for by name. A wish is told to the source once and stands, so only the first call to a service waits for it.
 *
 * <p>An application that makes up names must not fill the control plane with subscriptions. So the number of wishes is bounded: above it each new one
 * ends the oldest that no call has used since its turn came last (the clock algorithm, which costs a call no more than a look at a flag). A call
 * to a name that was let go wishes for it anew.
 *
 * <p>Thread-safe.
 */
final class Interests {
    /** More services than one process calls. */
    static final int MOST_WISHES = 2_000;

    private final ConfigurationSource source;
    private final Map<ResourceName, Wish> wishes = new ConcurrentHashMap<>();
    private final Queue<Wish> turns = new ConcurrentLinkedQueue<>();

    Interests(ConfigurationSource source) {
        this.source = source;
    }

    void want(ResourceName name) {
        if (!wishes.containsKey(name)) {
            wishes.computeIfAbsent(name, wanted -> {
                Wish wish = new Wish(wanted, source.want(wanted, "outbound calls"));
                turns.add(wish);
                return wish;
            });
            if (wishes.size() > MOST_WISHES) {
                letOneGo(name);
            }
        }
    }

    /** The wish for a name that stands, or null. */
    @Nullable
    Wish wish(ResourceName name) {
        return wishes.get(name);
    }

    private void letOneGo(ResourceName newest) {
        // Each gets one more turn at most, even while other threads keep using and adding.
        for (int left = 2 * MOST_WISHES; left > 0; left--) {
            Wish wish = turns.poll();
            if (wish == null) {
                return;
            }
            if (wish.used || wish.name.equals(newest)) {
                wish.used = false;
                turns.add(wish);
            } else {
                wishes.remove(wish.name, wish);
                wish.interest.close();
                return;
            }
        }
    }

    void closeAll() {
        wishes.values().removeIf(wish -> {
            wish.interest.close();
            return true;
        });
        turns.clear();
    }

    /** One name that stands. */
    static final class Wish {
        private final ResourceName name;
        private final Interest interest;
        private volatile boolean used;

        private Wish(ResourceName name, Interest interest) {
            this.name = name;
            this.interest = interest;
        }

        /** A call uses what was wished for. */
        void noteUse() {
            // Read first: a flag that many threads write would travel between their caches.
            if (!used) {
                used = true;
            }
        }
    }
}
