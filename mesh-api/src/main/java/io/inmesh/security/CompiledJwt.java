package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.JwtAuthentication;
import io.inmesh.model.JwtAuthentication.FilterStateRules;
import io.inmesh.model.JwtRequirement;
import io.inmesh.routing.RequestMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The configuration of a chain, ready for requests; its routes share it. Immutable but for what is cached. */
final class CompiledJwt {
    private final JwtReplies replies;
    private final boolean bypassCorsPreflight;
    private final TokenExtractor everything;
    private final List<Rule> rules = new ArrayList<>();
    private final SortedMap<String, Verifier> named = new TreeMap<>();
    private final Map<String, Verifier> byFilterState = new HashMap<>();
    private final @Nullable String filterStateKey;

    /** Throws {@link IllegalArgumentException} if something cannot be used; the message says what. */
    CompiledJwt(JwtAuthentication config, KeySources keys) {
        SortedMap<String, CompiledProvider> providers = new TreeMap<>();
        config.providers()
                .forEach((name, provider) ->
                        providers.put(name, new CompiledProvider(provider, keys.of(provider.keys(), name))));
        RequirementCompiler compiler = new RequirementCompiler(new CompiledProviders(providers));
        replies = new JwtReplies(config.stripFailureResponse());
        bypassCorsPreflight = config.bypassCorsPreflight();
        everything = new TokenExtractor(config.providers().values());
        for (JwtAuthentication.Rule rule : config.rules()) {
            JwtRequirement requirement = rule.requirement();
            rules.add(new Rule(
                    RequestMatcher.of(rule.match()), requirement == null ? null : compiler.compile(requirement)));
        }
        config.requirementMap().forEach((name, requirement) -> named.put(name, compiler.compile(requirement)));
        FilterStateRules states = config.filterStateRules();
        filterStateKey = states == null ? null : states.name();
        if (states != null) {
            states.requires().forEach((text, requirement) -> byFilterState.put(text, compiler.compile(requirement)));
        }
    }

    JwtReplies replies() {
        return replies;
    }

    /** The verifiers of {@code requirement_map}. */
    SortedMap<String, Verifier> named() {
        return named;
    }

    /** Takes out what only this filter may say. Envoy does it for every request, also where no token is asked for. */
    void sanitize(RequestHead head) {
        everything.sanitize(head);
    }

    boolean bypasses(RequestHead head) {
        return bypassCorsPreflight
                && head.method().equals("OPTIONS")
                && isFilled(head, "origin")
                && isFilled(head, "access-control-request-method");
    }

    private static boolean isFilled(RequestHead head, String name) {
        String value = head.headers().get(name);
        return value != null && !value.isEmpty();
    }

    /** What a request must bring, or null for nothing. */
    @Nullable
    Verifier choose(RequestHead head, StreamInfo info) {
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).match.matches(head, info)) {
                return rules.get(i).verifier;
            }
        }
        Object state = filterStateKey == null ? null : info.filterState(filterStateKey);
        return state == null ? null : byFilterState.get(state.toString());
    }

    private record Rule(RequestMatcher match, @Nullable Verifier verifier) {}
}
