package io.inmesh.xds.graph;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.DnsLookup;
import io.inmesh.xds.decode.DecodedCluster;
import io.inmesh.xds.protocol.SessionLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The clusters whose endpoints come from DNS. */
final class DnsClusters {
    private final HostResolver resolver;
    private final SessionLoop loop;
    private final Runnable onChange;
    private final Map<String, DnsTracker> trackers = new HashMap<>();

    DnsClusters(HostResolver resolver, SessionLoop loop, Runnable onChange) {
        this.resolver = resolver;
        this.loop = loop;
        this.onChange = onChange;
    }

    /** How DNS is asked for such a cluster, or null if it is not. */
    static @Nullable DnsLookup lookup(Discovery discovery) {
        if (discovery instanceof Discovery.StrictDns strict) {
            return strict.lookup();
        }
        return discovery instanceof Discovery.LogicalDns logical ? logical.lookup() : null;
    }

    /** The endpoints of a cluster, which is being asked for from now on; null as long as a first answer is awaited. */
    @Nullable
    Assignment endpoints(DecodedCluster decoded, DnsLookup lookup) {
        String name = decoded.cluster().name();
        Discovery discovery = decoded.cluster().discovery();
        Assignment template = decoded.endpoints() == null ? Assignment.empty(name) : decoded.endpoints();
        DnsTracker tracker = trackers.get(name);
        if (tracker == null || !tracker.fits(discovery, template)) {
            if (tracker != null) {
                tracker.close();
            }
            tracker = new DnsTracker(discovery, lookup, template, resolver, loop, onChange);
            trackers.put(name, tracker);
            tracker.start();
        }
        return tracker.current();
    }

    /** Stops asking for all clusters but these. */
    void retain(Set<String> clusters) {
        trackers.entrySet().removeIf(entry -> {
            if (clusters.contains(entry.getKey())) {
                return false;
            }
            entry.getValue().close();
            return true;
        });
    }
}
