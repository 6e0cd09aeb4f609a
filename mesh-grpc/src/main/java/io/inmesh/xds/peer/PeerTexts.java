package io.inmesh.xds.peer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.inmesh.exchange.PeerMetadata;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what peers say of themselves, each text once: a workload says the same with every request. Envoy remembers by the id beside the text, so that who says another's id is
 * taken for him; this remembers by the text itself. Thread-safe.
 */
final class PeerTexts {
    /** {@code max_peer_cache_size_}. */
    private static final int MOST = 500;

    /** Istio's own are well below a kilobyte. With {@link #MOST} it bounds what strangers can have remembered. */
    static final int LONGEST = 8192;

    private final Set<String> additionalLabels;

    // On the caller's thread: what is to be done is little, and an event loop is as good as any other.
    private final Cache<String, PeerMetadata> known =
            Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

    PeerTexts(Set<String> additionalLabels) {
        this.additionalLabels = additionalLabels;
    }

    /** Null if it cannot be read, or is too long to be Istio's. */
    @Nullable
    PeerMetadata read(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return null;
        }
        PeerMetadata peer = known.getIfPresent(text);
        if (peer == null) {
            Workload workload = Workload.of(text, additionalLabels);
            if (workload == null) {
                return null;
            }
            peer = workload.peer();
            known.put(text, peer);
        }
        return peer;
    }
}
