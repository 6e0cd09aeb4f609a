package io.inmesh.security;

import io.inmesh.model.SecretName;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Several providers as one. */
record FirstOf(List<SecretProvider> providers) implements SecretProvider {
    FirstOf {
        providers = List.copyOf(providers);
    }

    @Override
    public boolean provides(SecretName name) {
        return find(name) != null;
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        SecretProvider provider = find(name);
        if (provider == null) {
            throw new IllegalArgumentException(name + " is known to no source of secrets");
        }
        return provider.watch(name, listener);
    }

    private @Nullable SecretProvider find(SecretName name) {
        for (SecretProvider each : providers) {
            if (each.provides(name)) {
                return each;
            }
        }
        return null;
    }
}
