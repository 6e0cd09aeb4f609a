package io.inmesh.xds.graph;

import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.Subscriptions;
import java.util.HashSet;
import java.util.Set;

/** The names of one kind that are subscribed to, brought into line with those that are needed. */
final class NameSubscriptions {
    private final ResourceKind kind;
    private final Subscriptions subscriptions;
    private final Set<String> subscribed = new HashSet<>();

    NameSubscriptions(ResourceKind kind, Subscriptions subscriptions) {
        this.kind = kind;
        this.subscriptions = subscriptions;
    }

    /** New names first, so that nothing that is needed is given up in between. */
    void require(Set<String> needed) {
        for (String name : needed) {
            if (subscribed.add(name)) {
                subscriptions.subscribe(kind, name);
            }
        }
        subscribed.removeIf(name -> {
            if (needed.contains(name)) {
                return false;
            }
            subscriptions.unsubscribe(kind, name);
            return true;
        });
    }
}
