package io.inmesh.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A condition on metadata: {@code envoy.type.matcher.v3.MetadataMatcher}.
 *
 * @param filter the name space
 * @param path   keys from the outside in
 * @param value  the condition on what is found there
 * @param invert whether the condition must not hold
 */
public record MetadataMatcher(String filter, List<String> path, ValueMatcher value, boolean invert) {

    /** Whether this name space's metadata, null if there is none, fulfils it. */
    public boolean matches(@Nullable Map<String, Object> metadata) {
        return value.matches(find(metadata)) != invert;
    }

    private @Nullable Object find(@Nullable Map<String, Object> metadata) {
        Object found = metadata;
        for (int i = 0; i < path.size(); i++) {
            if (!(found instanceof Map<?, ?> map)) {
                return null;
            }
            found = map.get(path.get(i));
        }
        return found;
    }
}
