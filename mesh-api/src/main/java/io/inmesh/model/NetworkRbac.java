package io.inmesh.model;

import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.extensions.filters.network.rbac.v3.RBAC}: for connections. No condition on a request holds for them.
 *
 * @param statPrefix       of its statistics
 * @param enforced         {@code matcher}, or else {@code rules}; null enforces nothing
 * @param shadow           {@code shadow_matcher}, or else {@code shadow_rules}; null for none
 * @param shadowStatPrefix before the names of the metadata that {@code shadow} leaves
 */
public record NetworkRbac(
        String statPrefix,
        @Nullable AccessRules enforced,
        @Nullable AccessRules shadow,
        String shadowStatPrefix) implements FilterConfig {}
