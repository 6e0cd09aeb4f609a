package io.inmesh.outbound;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.Dialect.Directory;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** A snapshot, ready for requests. Immutable; a call reads the newest one once. */
final class CompiledMesh {
    private final MeshSnapshot snapshot;
    private final Directory directory;
    private final IdentityHashMap<Listener, CompiledListener> listeners;

    CompiledMesh(MeshSnapshot snapshot, Directory directory, IdentityHashMap<Listener, CompiledListener> listeners) {
        this.snapshot = snapshot;
        this.directory = directory;
        this.listeners = listeners;
    }

    MeshSnapshot snapshot() {
        return snapshot;
    }

    Choice choose(Destination destination) {
        return directory.choose(destination);
    }

    /** What there is at an address to which a destination's name has led, or null. */
    @Nullable
    Choice at(Destination destination, IpAddress address) {
        return directory.at(destination, address);
    }

    /** The listener of a choice that {@link #choose} made. */
    CompiledListener listener(Choice.Meshed choice) {
        CompiledListener listener = listeners.get(choice.listener());
        if (listener == null) {
            throw new IllegalStateException(
                    "the dialect chose listener " + choice.listener().name()
                            + ", which is not one of its snapshot or has no HTTP connection manager");
        }
        return listener;
    }
}
