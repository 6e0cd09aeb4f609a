package io.inmesh.xds;

import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.Subscriptions;
import java.util.function.BiConsumer;

/** There is no control plane: whatever is asked for is missing. */
record StaticOnly(BiConsumer<ResourceKind, String> missing) implements Subscriptions {
    @Override
    public void subscribe(ResourceKind kind, String name) {
        missing.accept(kind, name);
    }

    @Override
    public void unsubscribe(ResourceKind kind, String name) {}

    @Override
    public void wildcard(ResourceKind kind) {
        missing.accept(kind, WILDCARD);
    }
}
