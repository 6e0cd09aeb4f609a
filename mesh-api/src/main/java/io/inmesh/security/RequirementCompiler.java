package io.inmesh.security;

import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtRequirement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requirements to verifiers. */
final class RequirementCompiler {
    private final CompiledProviders providers;

    RequirementCompiler(CompiledProviders providers) {
        this.providers = providers;
    }

    /** Throws {@link IllegalArgumentException} if it names a provider that is not there. */
    Verifier compile(JwtRequirement requirement) {
        if (requirement instanceof JwtRequirement.Provider named) {
            CompiledProvider provider = providers.named(named.name());
            Audiences audiences = named.audiences().isEmpty() ? null : new Audiences(named.audiences());
            return leaf(List.of(provider.config()), provider, audiences, false, false);
        }
        if (requirement instanceof JwtRequirement.AnyOf any) {
            return anyOf(any.requirements());
        }
        if (requirement instanceof JwtRequirement.AllOf all) {
            return new AllOfVerifier(
                    all.requirements().stream().map(this::compile).toList());
        }
        if (requirement instanceof JwtRequirement.AllowAll) {
            return Verifier.ALLOW_ALL;
        }
        return leaf(providers.configs(), null, null, true, requirement instanceof JwtRequirement.AllowMissingOrFailed);
    }

    /** Requirements that allow missing or failed tokens are not looked at for themselves there: they say what a failure of all others means. */
    private Verifier anyOf(List<JwtRequirement> requirements) {
        boolean allowMissing = false;
        boolean allowFailed = false;
        List<Verifier> children = new ArrayList<>();
        for (JwtRequirement each : requirements) {
            if (each instanceof JwtRequirement.AllowMissing) {
                allowMissing = true;
            } else if (each instanceof JwtRequirement.AllowMissingOrFailed) {
                allowFailed = true;
            } else {
                children.add(compile(each));
            }
        }
        if (children.isEmpty()) {
            children.add(compile(
                    allowFailed ? new JwtRequirement.AllowMissingOrFailed() : new JwtRequirement.AllowMissing()));
        }
        return new AnyOfVerifier(List.copyOf(children), allowMissing, allowFailed);
    }

    private Verifier leaf(
            Collection<JwtProvider> places,
            @Nullable CompiledProvider provider,
            @Nullable Audiences audiences,
            boolean allowMissing,
            boolean allowFailed) {
        return new TokenVerifier(new TokenExtractor(places), providers, provider, audiences, allowMissing, allowFailed);
    }
}
