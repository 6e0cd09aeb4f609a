package io.inmesh.inbound;

import io.inmesh.model.InboundListener;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A source whose dialect gives a server the listener of its port, and asks for the one that port 9 needs. */
final class ServerSource implements ConfigurationSource, Dialect {
    static final ResourceName NINE = new ResourceName(ResourceName.Kind.LISTENER, "nine");

    final List<ResourceName> wanted = new ArrayList<>();
    final List<ResourceName> released = new ArrayList<>();

    @Override
    public Dialect dialect() {
        return this;
    }

    @Override
    public void start(Consumer<MeshSnapshot> subscriber) {}

    @Override
    public Interest want(ResourceName name, String watcher) {
        wanted.add(name);
        return () -> released.add(name);
    }

    @Override
    public SourceStatus status() {
        return new SourceStatus("hand-made source", false, Instant.EPOCH, "connection refused", List.of());
    }

    @Override
    public void close() {}

    @Override
    public String name() {
        return "hand";
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        return destination -> new Choice.Refused("no calls here");
    }

    @Override
    public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        for (InboundListener each : snapshot.inbound().values()) {
            if (each.port() == address.port()) {
                return new Binding.Served(each);
            }
        }
        return address.port() == 9
                ? new Binding.Wanted(NINE)
                : new Binding.Refused("no listener has port " + address.port());
    }
}
