package io.inmesh.snapshot;

import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Several sources of secrets as one: the first one that provides a secret counts. A secret that none provides is awaited for ever, with a reason that says what to
 * configure, so that only the connections that need it fail.
 *
 * <p>Thread-safe if its sources are.
 *
 * @param sources in the order in which they are asked
 */
record FirstOf(List<SecretProvider> sources) implements SecretProvider {
    private static final Watch NOTHING = () -> {};

    /** Takes a copy of the list. */
    FirstOf {
        sources = List.copyOf(sources);
    }

    @Override
    public boolean provides(SecretName name) {
        return find(name) != null;
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        SecretProvider source = find(name);
        if (source != null) {
            return source.watch(name, listener);
        }
        listener.accept(new Awaited(name
                + ": no source of secrets of this process has it; give one that has to Mesh.builder().secrets(...)"));
        return NOTHING;
    }

    private @Nullable SecretProvider find(SecretName name) {
        for (SecretProvider each : sources) {
            if (each.provides(name)) {
                return each;
            }
        }
        return null;
    }
}
