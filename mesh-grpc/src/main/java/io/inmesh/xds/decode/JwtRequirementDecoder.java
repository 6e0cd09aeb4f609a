package io.inmesh.xds.decode;

import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.inmesh.model.JwtRequirement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code JwtRequirement}. As by Envoy, one that names a provider that is not there is refused with its resource. */
final class JwtRequirementDecoder {
    private final Map<String, JwtProvider> providers;
    private final String root;

    JwtRequirementDecoder(Map<String, JwtProvider> providers, String root) {
        this.providers = providers;
        this.root = root;
    }

    Map<String, JwtRequirement> all(
            Map<String, io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement> requirements,
            String path,
            String field) {
        Map<String, JwtRequirement> decoded = new LinkedHashMap<>();
        requirements.forEach((name, each) -> decoded.put(name, decode(each, Paths.entry(path, field, name))));
        return Map.copyOf(decoded);
    }

    JwtRequirement decode(
            io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement requirement, String path) {
        return switch (requirement.getRequiresTypeCase()) {
            case PROVIDER_NAME -> provider(requirement.getProviderName(), List.of(), path + ".provider_name");
            case PROVIDER_AND_AUDIENCES ->
                provider(
                        requirement.getProviderAndAudiences().getProviderName(),
                        List.copyOf(requirement.getProviderAndAudiences().getAudiencesList()),
                        path + ".provider_and_audiences.provider_name");
            case REQUIRES_ANY ->
                new JwtRequirement.AnyOf(Values.each(
                        requirement.getRequiresAny().getRequirementsList(),
                        path + ".requires_any",
                        "requirements",
                        this::decode));
            case REQUIRES_ALL ->
                new JwtRequirement.AllOf(Values.each(
                        requirement.getRequiresAll().getRequirementsList(),
                        path + ".requires_all",
                        "requirements",
                        this::decode));
            case ALLOW_MISSING_OR_FAILED -> new JwtRequirement.AllowMissingOrFailed();
            case ALLOW_MISSING -> new JwtRequirement.AllowMissing();
            case REQUIRESTYPE_NOT_SET -> new JwtRequirement.AllowAll();
        };
    }

    private JwtRequirement provider(String name, List<String> audiences, String path) {
        if (!providers.containsKey(name)) {
            throw new BadResourceException(
                    path, "\"" + name + "\" is not one of " + root + ".providers, which are " + providers.keySet());
        }
        return new JwtRequirement.Provider(name, audiences);
    }
}
