package io.inmesh.security;

import io.inmesh.filter.ConnectionFilters;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.NetworkFilter;
import io.inmesh.filter.NetworkFilterFactory;
import io.inmesh.model.NetworkRbac;
import java.util.ArrayList;
import java.util.List;

/** The filters of this room. */
public final class SecurityFilters {
    private SecurityFilters() {}

    /**
     * Filters for requests.
     *
     * @param jwt makes the one that authenticates by JWT
     */
    public static FilterFactories addTo(FilterFactories others, JwtFilterFactory jwt) {
        return others.and(new RbacFactory()).and(jwt);
    }

    /** Filters for connections, with those that the mesh has anyway. */
    public static List<NetworkFilterFactory<?>> forConnections() {
        List<NetworkFilterFactory<?>> all = new ArrayList<>(ConnectionFilters.builtIn());
        all.add(new NetworkRbacFactory());
        return List.copyOf(all);
    }

    private static final class NetworkRbacFactory implements NetworkFilterFactory<NetworkRbac> {
        @Override
        public Class<NetworkRbac> configType() {
            return NetworkRbac.class;
        }

        @Override
        public NetworkFilter create(NetworkRbac config) {
            RbacFactory.warn(config.enforced(), "every connection");
            return new NetworkRbacFilter(config);
        }
    }
}
