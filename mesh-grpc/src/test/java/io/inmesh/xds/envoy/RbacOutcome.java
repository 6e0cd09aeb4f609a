package io.inmesh.xds.envoy;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.StreamInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request at the RBAC filter: what an access log tells of it.
 *
 * @param status   the response's status
 * @param details  {@code %RESPONSE_CODE_DETAILS%}
 * @param metadata the values of {@link #KEYS}; a dash for one that is not there
 */
record RbacOutcome(int status, String details, List<String> metadata) {
    /** Name space and key of metadata. */
    static final List<String> KEYS = List.of(
            "envoy.filters.http.rbac:r_enforced_engine_result",
            "envoy.filters.http.rbac:r_enforced_effective_policy_id",
            "envoy.filters.http.rbac:s_shadow_engine_result",
            "envoy.filters.http.rbac:s_shadow_effective_policy_id",
            "envoy.common:access_log_hint");

    static RbacOutcome of(@Nullable LocalReply reply, StreamInfo info) {
        List<String> metadata =
                KEYS.stream().map(key -> value(info, key.split(":", 2))).toList();
        return reply == null
                ? new RbacOutcome(200, "direct_response", metadata)
                : new RbacOutcome(reply.status(), reply.details(), metadata);
    }

    private static String value(StreamInfo info, String[] key) {
        Map<String, Object> space = info.dynamicMetadata(key[0]);
        Object value = space == null ? null : space.get(key[1]);
        return value == null ? "-" : value.toString();
    }
}
