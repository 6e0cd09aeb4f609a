package io.inmesh.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication}: which requests must bring which JSON Web Tokens.
 *
 * @param providers            whose tokens count, by name
 * @param rules                the first one that matches a request decides
 * @param filterStateRules     for requests that no rule matches, or null
 * @param bypassCorsPreflight  whether CORS preflight requests pass without a token
 * @param requirementMap       requirements that routes name
 * @param stripFailureResponse whether a refusal says nothing of its reason
 */
public record JwtAuthentication(
        Map<String, JwtProvider> providers,
        List<Rule> rules,
        @Nullable FilterStateRules filterStateRules,
        boolean bypassCorsPreflight,
        Map<String, JwtRequirement> requirementMap,
        boolean stripFailureResponse)
        implements JwtFilterConfig {

    /**
     * {@code RequirementRule}.
     *
     * @param match       by path, headers and query; Envoy looks at nothing else here
     * @param requirement what such a request must bring, or null for nothing
     */
    public record Rule(RouteMatch match, @Nullable JwtRequirement requirement) {}

    /**
     * {@code FilterStateRule}.
     *
     * @param name     the key of an object of the filter state
     * @param requires the requirement by that object's text; a text that is not here requires nothing
     */
    public record FilterStateRules(String name, Map<String, JwtRequirement> requires) {}
}
