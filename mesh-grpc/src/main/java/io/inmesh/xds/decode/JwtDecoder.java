package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.JwtAuthentication.FilterStateRules;
import io.inmesh.model.JwtAuthentication.Rule;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtRequirement;
import io.inmesh.model.JwtRouteConfig;
import io.inmesh.model.RouteMatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.filters.http.jwt_authn}. What breaks Envoy's constraints is refused with its resource, as by Envoy; what is only not understood here makes the filter
 * refuse all requests, and is noted.
 */
final class JwtDecoder {
    static final JwtAuthentication TYPE = JwtAuthentication.getDefaultInstance();
    static final PerRouteConfig ROUTE_TYPE = PerRouteConfig.getDefaultInstance();

    private JwtDecoder() {}

    /** Whether a type is one of the filter's two. */
    static boolean isFor(String typeName) {
        return typeName.equals(TYPE.getDescriptorForType().getFullName())
                || typeName.equals(ROUTE_TYPE.getDescriptorForType().getFullName());
    }

    static FilterConfig decode(Any any, String path, Notes notes) {
        JwtAuthentication filter = Values.parse(any, TYPE, path);
        Notes strict = new Notes();
        FieldAudit.check(filter, path, strict);
        // Maps are not walked over by the audit.
        filter.getProvidersMap()
                .forEach((name, each) -> FieldAudit.check(each, Paths.entry(path, "providers", name), strict));
        filter.getRequirementMapMap()
                .forEach((name, each) -> FieldAudit.check(each, Paths.entry(path, "requirement_map", name), strict));
        String states = path + ".filter_state_rules";
        filter.getFilterStateRules()
                .getRequiresMap()
                .forEach((text, each) -> FieldAudit.check(each, Paths.entry(states, "requires", text), strict));
        JwtRequirementDecoder requirements = new JwtRequirementDecoder(filter.getProvidersMap(), path);
        Map<String, JwtRequirement> named = requirements.all(filter.getRequirementMapMap(), path, "requirement_map");
        Map<String, JwtProvider> providers = new LinkedHashMap<>();
        filter.getProvidersMap()
                .forEach((name, each) ->
                        providers.put(name, JwtProviderDecoder.decode(each, Paths.entry(path, "providers", name))));
        var decoded = new io.inmesh.model.JwtAuthentication(
                Map.copyOf(providers),
                Values.each(
                        filter.getRulesList(),
                        path,
                        "rules",
                        (rule, at) -> rule(rule, requirements, named, at, notes, strict)),
                filter.hasFilterStateRules()
                        ? new FilterStateRules(
                                filter.getFilterStateRules().getName(),
                                requirements.all(filter.getFilterStateRules().getRequiresMap(), states, "requires"))
                        : null,
                filter.getBypassCorsPreflight(),
                named,
                filter.getStripFailureResponse());
        return usable(decoded, filter, strict, notes);
    }

    static FilterConfig decodeOverride(Any any, String path, Notes notes) {
        PerRouteConfig override = Values.parse(any, ROUTE_TYPE, path);
        Notes strict = new Notes();
        FieldAudit.check(override, path, strict);
        boolean disabled = override.hasDisabled();
        if (disabled && !override.getDisabled()) {
            throw new BadResourceException(path + ".disabled", "must be true");
        }
        return usable(new JwtRouteConfig(disabled ? null : override.getRequirementName()), override, strict, notes);
    }

    /** A field that is not known may ask for more than those that are. */
    private static FilterConfig usable(FilterConfig decoded, Message message, Notes strict, Notes notes) {
        if (strict.unsupported().isEmpty()) {
            return decoded;
        }
        strict.unsupported().forEach(each -> notes.unsupported(each, "the JWT filter refuses all requests"));
        return new FilterConfig.Refused(
                "type.googleapis.com/" + message.getDescriptorForType().getFullName(),
                "not supported: " + String.join(", ", strict.unsupported()));
    }

    private static Rule rule(
            RequirementRule rule,
            JwtRequirementDecoder requirements,
            Map<String, JwtRequirement> named,
            String path,
            Notes notes,
            Notes strict) {
        JwtRequirement requirement =
                switch (rule.getRequirementTypeCase()) {
                    case REQUIRES -> requirements.decode(rule.getRequires(), path + ".requires");
                    case REQUIREMENT_NAME -> named(rule.getRequirementName(), named, path + ".requirement_name");
                    // "If requirement_type is not set, the request is not checked": unless a newer Envoy checks it.
                    case REQUIREMENTTYPE_NOT_SET -> null;
                };
        return new Rule(match(rule.getMatch(), path + ".match", notes, strict), requirement);
    }

    private static @Nullable JwtRequirement named(String name, Map<String, JwtRequirement> named, String path) {
        JwtRequirement requirement = named.get(name);
        if (requirement == null) {
            throw new BadResourceException(path, "\"" + name + "\" is not one of requirement_map's " + named.keySet());
        }
        return requirement;
    }

    /** Envoy looks at path, headers and query only; what else the match asks for is passed over, and makes more requests need a token. */
    private static RouteMatch match(
            io.envoyproxy.envoy.config.route.v3.RouteMatch match, String path, Notes notes, Notes strict) {
        if (match.hasPathMatchPolicy()) {
            // Unpacks another message, whose unknown fields may mean another path.
            RouteMatchDecoder.template(match.getPathMatchPolicy(), path + ".path_match_policy", strict);
        }
        if (match.hasRuntimeFraction()
                || match.hasGrpc()
                || match.hasTlsContext()
                || match.getDynamicMetadataCount() > 0
                || match.getFilterStateCount() > 0) {
            notes.unsupported(path, "the JWT filter looks at path, headers and query only, as in Envoy");
        }
        RouteMatch whole = RouteMatchDecoder.decode(match, path, notes);
        return new RouteMatch(
                whole.path(), whole.headers(), whole.queryParameters(), List.of(), null, false, List.of(), List.of());
    }
}
