package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.HttpFilter;
import io.inmesh.model.JwtRouteConfig;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** {@code envoy.filters.http.jwt_authn}: lets requests pass that bring the JSON Web Tokens that the configuration asks for. */
final class JwtFilter implements HttpFilter {
    private final CompiledJwt jwt;
    private final @Nullable JwtRouteConfig route;
    private final @Nullable Verifier ofRoute;
    private final @Nullable FilterStep refusal;
    private final InstantSource clock;

    /** @param route what takes the place of the rules, or null */
    JwtFilter(CompiledJwt jwt, @Nullable JwtRouteConfig route, InstantSource clock) {
        this.jwt = jwt;
        this.route = route;
        this.clock = clock;
        String name = route == null ? null : route.requirementName();
        ofRoute = name == null ? null : jwt.named().get(name);
        refusal = name == null || ofRoute != null
                ? null
                : FilterStep.reply(
                        jwt.replies().wrongRequirement(name, jwt.named().keySet()));
    }

    @Override
    public FilterStep onRequest(FilterStream stream) {
        RequestHead head = stream.request();
        jwt.sanitize(head);
        if (jwt.bypasses(head)) {
            return FilterStep.CONTINUE;
        }
        if (refusal != null) {
            return refusal;
        }
        Verifier verifier = route == null ? jwt.choose(head, stream.info()) : ofRoute;
        return verifier == null
                ? FilterStep.CONTINUE
                : new JwtRequest(stream, jwt.replies(), clock.instant().getEpochSecond()).run(verifier);
    }
}
