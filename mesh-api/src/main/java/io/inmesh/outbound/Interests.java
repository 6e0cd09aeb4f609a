package io.inmesh.outbound;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSource.Interest;
import io.inmesh.snapshot.ResourceName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The resources that calls have asked for by name. A wish is told to the source once and stands for as long as the mesh does, so only the first
 * call to a service waits for it.
 */
final class Interests {
    private final ConfigurationSource source;
    private final Map<ResourceName, Interest> interests = new ConcurrentHashMap<>();

    Interests(ConfigurationSource source) {
        this.source = source;
    }

    void want(ResourceName name) {
        if (!interests.containsKey(name)) {
            interests.computeIfAbsent(name, wanted -> source.want(wanted, "outbound calls"));
        }
    }

    void closeAll() {
        interests.values().removeIf(interest -> {
            interest.close();
            return true;
        });
    }
}
