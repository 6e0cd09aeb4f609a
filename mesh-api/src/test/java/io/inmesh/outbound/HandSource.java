package io.inmesh.outbound;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A source that publishes when a test says so. Its dialect: port 80 takes the listener {@code outbound}; a host that ends with {@code .ondemand} takes
 * the listener of its name, asked for first; {@code *.direct} goes straight; {@code broken} is known and refused, everything else is unknown. The mesh has the addresses 10.96.1.7 and
 * 10.96.1.8.
 */
final class HandSource implements ConfigurationSource, Dialect {
    final List<ResourceName> wanted = new ArrayList<>();
    final List<ResourceName> released = new ArrayList<>();
    private @Nullable Consumer<MeshSnapshot> subscriber;
    boolean closed;

    /** Makes the dialect fail, as a mistake in it would. */
    @Nullable
    RuntimeException mistake;

    void publish(MeshSnapshot snapshot) {
        if (subscriber != null) {
            subscriber.accept(snapshot);
        }
    }

    @Override
    public Dialect dialect() {
        return this;
    }

    @Override
    public void start(Consumer<MeshSnapshot> newSubscriber) {
        subscriber = newSubscriber;
    }

    @Override
    public Interest want(ResourceName name, String watcher) {
        wanted.add(name);
        return () -> released.add(name);
    }

    @Override
    public SourceStatus status() {
        return new SourceStatus(
                "hand-made source",
                false,
                Instant.EPOCH,
                "connection refused",
                List.of(new SourceStatus.ResourceStatus(
                        new ResourceName(ResourceName.Kind.LISTENER, "outbound"),
                        SourceStatus.State.REQUESTED,
                        null,
                        null,
                        Instant.EPOCH,
                        List.of("test"),
                        List.of())));
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String name() {
        return "hand";
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        if (mistake != null) {
            throw mistake;
        }
        return new Directory() {
            @Override
            public Choice choose(Destination destination) {
                return HandSource.choose(snapshot, destination);
            }

            @Override
            public @Nullable Choice at(Destination destination, IpAddress address) {
                return switch (address.toString()) {
                    case "10.96.1.7" -> choice(snapshot, "outbound", new Choice.Refused("nothing was published"));
                    case "10.96.1.8" -> new Choice.Refused("10.96.1.8 is in the mesh, and has other ports");
                    default -> null;
                };
            }
        };
    }

    private static Choice choose(MeshSnapshot snapshot, Destination destination) {
        if (destination.host().equals("broken")) {
            return new Choice.Refused("listener broken cannot be used");
        }
        if (destination.host().endsWith(".direct")) {
            return new Choice.Passthrough("the dialect lets .direct through");
        }
        if (destination.host().endsWith(".ondemand")) {
            return choice(snapshot, destination.host(), new Choice.Wanted(listenerName(destination.host())));
        }
        return destination.port() == 80
                ? choice(snapshot, "outbound", Choice.Refused.unknown("no listener has port 80"))
                : Choice.Refused.unknown("no listener has port " + destination.port());
    }

    static ResourceName listenerName(String name) {
        return new ResourceName(ResourceName.Kind.LISTENER, name);
    }

    private static Choice choice(MeshSnapshot snapshot, String listenerName, Choice otherwise) {
        Listener listener = snapshot.listeners().get(listenerName);
        return listener == null || listener.http() == null ? otherwise : new Choice.Meshed(listener, listener.http());
    }
}
