package io.inmesh.xds;

import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.Dialect.Choice;

/** Choices that all dialects make. */
final class ListenerChoices {
    static final Choice OWN_TLS =
            new Choice.Passthrough("https is the application's own TLS, which a mesh does not look into");

    private ListenerChoices() {}

    static Choice of(Listener listener) {
        HttpConnectionManager http = listener.http();
        if (listener.unusable() != null) {
            return new Choice.Refused("listener " + listener.name() + " cannot be used: " + listener.unusable());
        }
        return http == null
                ? new Choice.Refused("listener " + listener.name() + " has no HTTP connection manager")
                : new Choice.Meshed(listener, http);
    }
}
