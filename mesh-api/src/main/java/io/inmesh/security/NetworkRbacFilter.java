package io.inmesh.security;

import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.NetworkFilter;
import io.inmesh.model.NetworkRbac;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.filters.network.rbac}. Envoy looks at a connection when its first byte comes, or at each; here it is once, after the handshake, when all is known
 * that there will be.
 */
public final class NetworkRbacFilter implements NetworkFilter {
    private static final String METADATA = "envoy.filters.network.rbac";

    private final @Nullable AccessEngine enforced;
    private final @Nullable AccessEngine shadow;
    private final String shadowResult;
    private final String shadowPolicy;
    private final RbacCounters counters = new RbacCounters();
    private final RbacCounters shadowCounters = new RbacCounters();

    NetworkRbacFilter(NetworkRbac config) {
        enforced = RbacFilter.engine(config.enforced());
        shadow = RbacFilter.engine(config.shadow());
        shadowResult = config.shadowStatPrefix() + "shadow_engine_result";
        shadowPolicy = config.shadowStatPrefix() + "shadow_effective_policy_id";
    }

    /** What was enforced so far. */
    public RbacCounters counters() {
        return counters;
    }

    /** What the dry run would have done so far. */
    public RbacCounters shadowCounters() {
        return shadowCounters;
    }

    @Override
    public @Nullable String onConnection(StreamInfo connection) {
        if (shadow != null) {
            AccessVerdict dryRun = shadow.decide(null, connection);
            shadowCounters.count(dryRun, false);
            RbacFilter.tell(connection, METADATA, shadowResult, shadowPolicy, dryRun);
        }
        if (enforced == null) {
            return null;
        }
        AccessVerdict verdict = enforced.decide(null, connection);
        counters.count(verdict, false);
        RbacFilter.hint(connection, verdict);
        return verdict.allowed() ? null : verdict.denialDetails();
    }
}
