package io.inmesh.security;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Audiences that are allowed. As in Envoy, {@code http://} or {@code https://} before one and a slash behind it make no difference. */
final class Audiences {
    private final Set<String> allowed;

    Audiences(List<String> allowed) {
        this.allowed = allowed.stream().map(Audiences::plain).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether one of a token's audiences is allowed, or all are. */
    boolean allow(List<String> audiences) {
        if (allowed.isEmpty()) {
            return true;
        }
        for (int i = 0; i < audiences.size(); i++) {
            if (allowed.contains(plain(audiences.get(i)))) {
                return true;
            }
        }
        return false;
    }

    private static String plain(String audience) {
        int start = audience.startsWith("http://") ? 7 : audience.startsWith("https://") ? 8 : 0;
        int end = audience.endsWith("/") ? audience.length() - 1 : audience.length();
        return audience.substring(start, Math.max(start, end));
    }
}
