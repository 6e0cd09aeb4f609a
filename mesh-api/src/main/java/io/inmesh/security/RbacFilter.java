package io.inmesh.security;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.HttpFilter;
import io.inmesh.model.AccessRules;
import io.inmesh.model.Rbac;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.filters.http.rbac}. Who is not let through gets 403 and is not told why; the policy is in {@code %RESPONSE_CODE_DETAILS%} and in the stream's
 * metadata. Rules that cannot be evaluated let nobody through.
 */
public final class RbacFilter implements HttpFilter {
    private static final String METADATA = "envoy.filters.http.rbac";
    private static final String BODY = "RBAC: access denied";

    private final @Nullable AccessEngine enforced;
    private final @Nullable AccessEngine shadow;
    private final boolean perPolicy;
    private final String enforcedResult;
    private final String enforcedPolicy;
    private final String shadowResult;
    private final String shadowPolicy;
    private final RbacCounters counters = new RbacCounters();
    private final RbacCounters shadowCounters = new RbacCounters();

    /**
     * A filter.
     *
     * @param config what counts
     * @param chain  the position's own configuration, whose prefixes count where {@code config}, a route's, has none
     */
    public RbacFilter(Rbac config, Rbac chain) {
        enforced = engine(config.enforced());
        shadow = engine(config.shadow());
        perPolicy = config.trackPerRuleStats();
        String prefix = config.rulesStatPrefix().isEmpty() ? chain.rulesStatPrefix() : config.rulesStatPrefix();
        enforcedResult = prefix + "enforced_engine_result";
        enforcedPolicy = prefix + "enforced_effective_policy_id";
        String shadowPrefix =
                config.shadowStatPrefix().isEmpty() ? chain.shadowStatPrefix() : config.shadowStatPrefix();
        shadowResult = shadowPrefix + "shadow_engine_result";
        shadowPolicy = shadowPrefix + "shadow_effective_policy_id";
    }

    static @Nullable AccessEngine engine(@Nullable AccessRules rules) {
        return rules == null ? null : AccessEngine.compile(rules);
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
    public FilterStep onRequest(FilterStream stream) {
        RequestHead head = stream.request();
        StreamInfo info = stream.info();
        // Neither sees what the other leaves.
        AccessVerdict dryRun = shadow == null ? null : shadow.decide(head, info);
        AccessVerdict verdict = enforced == null ? null : enforced.decide(head, info);
        if (dryRun != null) {
            shadowCounters.count(dryRun, perPolicy);
            tell(info, METADATA, shadowResult, shadowPolicy, dryRun);
        }
        if (verdict == null) {
            return FilterStep.CONTINUE;
        }
        counters.count(verdict, perPolicy);
        tell(info, METADATA, enforcedResult, enforcedPolicy, verdict);
        hint(info, verdict);
        return verdict.allowed()
                ? FilterStep.CONTINUE
                : FilterStep.reply(LocalReply.of(403, BODY, null, verdict.denialDetails()));
    }

    /** Leaves a verdict in the metadata. */
    static void tell(StreamInfo info, String filter, String resultKey, String policyKey, AccessVerdict verdict) {
        if (!verdict.policy().isEmpty()) {
            info.putDynamicMetadata(filter, policyKey, verdict.policy());
        }
        info.putDynamicMetadata(filter, resultKey, verdict.allowed() ? "allowed" : "denied");
    }

    /** Leaves the hint for access logs, which is one for all filters. */
    static void hint(StreamInfo info, AccessVerdict verdict) {
        Boolean hint = verdict.accessLogHint();
        if (hint != null) {
            info.putDynamicMetadata("envoy.common", "access_log_hint", hint);
        }
    }
}
