package io.inmesh.model;

import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.extensions.filters.http.rbac.v3.RBAC}, and its form for routes, {@code RBACPerRoute}, of which an empty one enforces nothing.
 *
 * @param enforced          {@code matcher}, or else {@code rules}; null enforces nothing
 * @param shadow            {@code shadow_matcher}, or else {@code shadow_rules}: a dry run, which only tells what it would do; null for none
 * @param rulesStatPrefix   before the names of the metadata that {@code enforced} leaves; of a route, empty for that of the chain
 * @param shadowStatPrefix  the same of {@code shadow}
 * @param trackPerRuleStats whether each policy has counters
 */
public record Rbac(
        @Nullable AccessRules enforced,
        @Nullable AccessRules shadow,
        String rulesStatPrefix,
        String shadowStatPrefix,
        boolean trackPerRuleStats)
        implements FilterConfig {}
