package io.inmesh.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.model.DataSource;
import io.inmesh.model.JwtAuthentication;
import io.inmesh.model.JwtFilterConfig;
import io.inmesh.model.JwtRouteConfig;
import io.inmesh.model.RawFilterConfig;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;

/**
 * Makes {@code envoy.filters.http.jwt_authn}. A configuration that cannot be used throws {@link IllegalArgumentException} from {@link #create}, so that its chain
 * refuses all requests.
 */
public final class JwtFilterFactory implements HttpFilterFactory<JwtFilterConfig> {
    private final KeySources keys;
    private final InstantSource clock;

    /** By identity: all routes of a chain share what is compiled of it, and with it the tokens that are known to be good. */
    private final Cache<JwtAuthentication, CompiledJwt> compiled =
            Caffeine.newBuilder().weakKeys().executor(Runnable::run).build();

    /**
     * A factory.
     *
     * @param fetcher   gets {@code remote_jwks}
     * @param permitted which files and environment variables a control plane may name for {@code local_jwks}; inline keys are always permitted
     * @param scheduler for fetches and their timeouts; what it runs does not block
     * @param clock     by which tokens and keys get old
     */
    public JwtFilterFactory(
            JwksFetcher fetcher,
            Predicate<DataSource> permitted,
            ScheduledExecutorService scheduler,
            InstantSource clock) {
        this.keys = new KeySources(permitted, fetcher, scheduler, clock);
        this.clock = clock;
    }

    @Override
    public Set<String> typeUrls() {
        return Set.of();
    }

    @Override
    public Class<JwtFilterConfig> configType() {
        return JwtFilterConfig.class;
    }

    @Override
    public JwtFilterConfig parse(RawFilterConfig raw) {
        throw new IllegalArgumentException(raw.typeUrl() + " is decoded with the listener");
    }

    @Override
    public HttpFilter create(Levels<JwtFilterConfig> config) {
        if (!(config.base() instanceof JwtAuthentication base)) {
            throw new IllegalArgumentException("a route's form of the JWT filter stands in a chain");
        }
        CompiledJwt jwt = compiled.get(base, each -> new CompiledJwt(each, keys));
        if (config.overrides().isEmpty()) {
            return new JwtFilter(jwt, null, clock);
        }
        if (!(config.mostSpecific() instanceof JwtRouteConfig route)) {
            throw new IllegalArgumentException("a chain's form of the JWT filter stands in a route");
        }
        return new JwtFilter(jwt, route, clock);
    }
}
