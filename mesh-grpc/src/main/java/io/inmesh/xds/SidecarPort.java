package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The listeners of one port, by the host that a request names. Made by the configuration thread, then never changed but for what requests find out. Thread-safe then. */
final class SidecarPort {
    private final Map<String, SidecarTarget> hosts = new HashMap<>();
    private final Map<String, SidecarTarget> suffixes = new HashMap<>();
    /** Those of hosts that requests have looked up: as many as the mesh has names, at most. */
    private final ConcurrentHashMap<String, SidecarTarget> found = new ConcurrentHashMap<>();

    private @Nullable SidecarTarget everyV4;
    private @Nullable SidecarTarget everyV6;

    /** A listener for all addresses of one family. */
    void every(boolean v4, SidecarTarget target) {
        if (v4) {
            everyV4 = everyV4 == null ? target : everyV4;
        } else {
            everyV6 = everyV6 == null ? target : everyV6;
        }
    }

    /** A host that takes a listener of its own; the first one stays. */
    void host(String host, SidecarTarget target) {
        hosts.putIfAbsent(host, target);
    }

    /** All hosts that end like this, beginning with a dot. */
    void suffix(String suffix, SidecarTarget target) {
        suffixes.putIfAbsent(suffix, target);
    }

    /**
     * The listener of a host whose addresses are known: that of the first of them that has one, and one for all addresses as its first address takes it. Null if that is
     * for the names of services to say.
     *
     * @param addresses in their canonical form, at least one
     */
    @Nullable
    SidecarTarget at(String host, List<String> addresses) {
        SidecarTarget known = found.get(host);
        if (known == null) {
            known = find(addresses);
            if (known != null) {
                found.put(host, known);
            }
        }
        return known;
    }

    private @Nullable SidecarTarget find(List<String> addresses) {
        for (int i = 0; i < addresses.size(); i++) {
            SidecarTarget bound = hosts.get(addresses.get(i));
            if (bound != null) {
                return bound;
            }
        }
        IpAddress first = needsAddress() ? IpAddress.parse(addresses.get(0)) : null;
        SidecarTarget every = first == null ? null : every(first.v4());
        return every == null ? null : every.at(first);
    }

    /** The listener of a host of its own, or null. */
    @Nullable
    SidecarTarget own(String host) {
        SidecarTarget found = hosts.get(host);
        if (found == null && !suffixes.isEmpty()) {
            for (int dot = host.indexOf('.'); found == null && dot >= 0; dot = host.indexOf('.', dot + 1)) {
                found = suffixes.get(host.substring(dot));
            }
        }
        return found;
    }

    /** The listener for all addresses, or null; that of the other family takes both where it is the only one. */
    @Nullable
    SidecarTarget every(boolean v4) {
        SidecarTarget own = v4 ? everyV4 : everyV6;
        return own == null ? (v4 ? everyV6 : everyV4) : own;
    }

    /** Whether the filter chains of its listeners for all addresses differ by the address that a connection goes to. */
    boolean needsAddress() {
        return (everyV4 != null && everyV4.needsAddress()) || (everyV6 != null && everyV6.needsAddress());
    }
}
