package io.inmesh.http.server;

import io.inmesh.model.DownstreamTls;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.ServerTls;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The TLS of a port's chains, held from one connection to the next: {@link MeshTls} shares it only as long as somebody has it. Thread-safe. */
final class ChainTls {
    private static final int MOST = 64;

    private final MeshTls tls;
    private final Map<DownstreamTls, ServerTls> held = new ConcurrentHashMap<>();

    ChainTls(MeshTls tls) {
        this.tls = tls;
    }

    /** The TLS that a chain speaks. */
    ServerTls of(DownstreamTls settings) {
        ServerTls known = held.get(settings);
        if (known != null) {
            return known;
        }
        if (held.size() >= MOST) {
            held.clear(); // of configuration that is gone; what still counts comes back
        }
        ServerTls made = tls.server(settings);
        held.put(settings, made);
        return made;
    }
}
