package io.inmesh.security;

import io.inmesh.model.JwtProvider;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** All providers of a filter. Immutable. */
final class CompiledProviders {
    private final SortedMap<String, CompiledProvider> byName;
    private final Map<String, CompiledProvider> byIssuer = new HashMap<>();

    CompiledProviders(SortedMap<String, CompiledProvider> byName) {
        this.byName = byName;
        // Of several with one issuer Envoy takes any; here it is always the same one.
        byName.values().forEach(each -> byIssuer.putIfAbsent(each.config().issuer(), each));
    }

    /** Throws if there is none. */
    CompiledProvider named(String name) {
        CompiledProvider provider = byName.get(name);
        if (provider == null) {
            throw new IllegalArgumentException(
                    "requirement names provider \"" + name + "\", which is not one of " + byName.keySet());
        }
        return provider;
    }

    /** The one for an issuer, or else one that does not look at issuers, or null. */
    @Nullable
    CompiledProvider ofIssuer(String issuer) {
        CompiledProvider provider = byIssuer.get(issuer);
        return provider == null ? byIssuer.get("") : provider;
    }

    /** The only one, or null if there are several or none. */
    @Nullable
    CompiledProvider single() {
        return byName.size() == 1 ? byName.values().iterator().next() : null;
    }

    Collection<JwtProvider> configs() {
        return byName.values().stream().map(CompiledProvider::config).toList();
    }
}
