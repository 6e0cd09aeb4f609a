package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.inmesh.model.AccessRules;
import io.inmesh.model.NetworkRbac;
import io.inmesh.model.Rbac;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.filters.http.rbac} and {@code envoy.filters.network.rbac}. What breaks Envoy's constraints is refused with its resource, as by Envoy; what is only not
 * understood here makes the filter let nobody through, and is noted.
 */
final class RbacDecoder {
    static final RBAC TYPE = RBAC.getDefaultInstance();
    static final RBACPerRoute ROUTE_TYPE = RBACPerRoute.getDefaultInstance();
    static final io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC NETWORK_TYPE =
            io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDefaultInstance();

    private RbacDecoder() {}

    /** Whether a type is one of the HTTP filter's two. */
    static boolean isFor(String typeName) {
        return typeName.equals(TYPE.getDescriptorForType().getFullName())
                || typeName.equals(ROUTE_TYPE.getDescriptorForType().getFullName());
    }

    static Rbac decode(Any any, String path, Notes notes) {
        return filter(Values.parse(any, TYPE, path), path, notes);
    }

    static Rbac decodeOverride(Any any, String path, Notes notes) {
        RBACPerRoute override = Values.parse(any, ROUTE_TYPE, path);
        AccessRules unknown = shell(override.toBuilder().clearRbac().build(), path, notes);
        Rbac filter = filter(override.getRbac(), path + ".rbac", notes);
        return unknown == null
                ? filter
                : new Rbac(unknown, filter.shadow(), filter.rulesStatPrefix(), filter.shadowStatPrefix(), false);
    }

    private static Rbac filter(RBAC filter, String path, Notes notes) {
        RBAC around = filter.toBuilder()
                .clearRules()
                .clearMatcher()
                .clearShadowRules()
                .clearShadowMatcher()
                .build();
        AccessRules unknown = shell(around, path, notes);
        AccessRulesDecoder decoder = new AccessRulesDecoder(path, notes);
        AccessRules enforced = decoder.decode(
                filter.hasMatcher() ? filter.getMatcher() : null,
                "matcher",
                filter.hasRules() ? filter.getRules() : null,
                "rules");
        AccessRules shadow = decoder.decode(
                filter.hasShadowMatcher() ? filter.getShadowMatcher() : null,
                "shadow_matcher",
                filter.hasShadowRules() ? filter.getShadowRules() : null,
                "shadow_rules");
        return new Rbac(
                unknown == null ? enforced : unknown,
                shadow,
                filter.getRulesStatPrefix(),
                filter.getShadowRulesStatPrefix(),
                filter.getTrackPerRuleStats());
    }

    static NetworkRbac decodeNetwork(Any any, String path, Notes notes) {
        var filter = Values.parse(any, NETWORK_TYPE, path);
        var around = filter.toBuilder()
                .clearRules()
                .clearMatcher()
                .clearShadowRules()
                .clearShadowMatcher()
                .build();
        AccessRules unknown = shell(around, path, notes);
        if (filter.hasDelayDeny()) {
            notes.unsupported(path + ".delay_deny", "a connection is closed at once");
        }
        AccessRulesDecoder decoder = new AccessRulesDecoder(path, notes);
        AccessRules enforced = decoder.decode(
                filter.hasMatcher() ? filter.getMatcher() : null,
                "matcher",
                filter.hasRules() ? filter.getRules() : null,
                "rules");
        AccessRules shadow = decoder.decode(
                filter.hasShadowMatcher() ? filter.getShadowMatcher() : null,
                "shadow_matcher",
                filter.hasShadowRules() ? filter.getShadowRules() : null,
                "shadow_rules");
        return new NetworkRbac(
                filter.getStatPrefix(),
                unknown == null ? enforced : unknown,
                shadow,
                filter.getShadowRulesStatPrefix());
    }

    /** Checks what is around the rules. Null, or why nothing may pass: a field that is not known may restrict who passes. */
    private static @Nullable AccessRules shell(Message filter, String path, Notes notes) {
        Notes strict = new Notes();
        FieldAudit.check(filter, path, strict);
        return strict.unsupported().isEmpty() ? null : AccessRulesDecoder.unusable(strict.unsupported(), notes);
    }
}
