package io.inmesh.security;

import org.jspecify.annotations.Nullable;

/** What an {@link AccessEngine} says. Made when the engine is, one for each answer that it can give. */
public final class AccessVerdict {
    private final boolean allowed;
    private final String policy;
    private final @Nullable Boolean accessLogHint;
    private final String denialDetails;

    AccessVerdict(boolean allowed, String policy, @Nullable Boolean accessLogHint) {
        this.allowed = allowed;
        this.policy = policy;
        this.accessLogHint = accessLogHint;
        this.denialDetails = "rbac_access_denied_matched_policy["
                + (policy.isEmpty() ? "none" : policy.replaceAll("\\s", "_")) + "]";
    }

    /** Whether it is let through. */
    public boolean allowed() {
        return allowed;
    }

    /** The policy that matched, or empty. */
    public String policy() {
        return policy;
    }

    /** What access logs are to be told by {@code access_log_hint}, or null for nothing. */
    public @Nullable Boolean accessLogHint() {
        return accessLogHint;
    }

    /** Envoy's {@code %RESPONSE_CODE_DETAILS%} or {@code %CONNECTION_TERMINATION_DETAILS%} of a denial. */
    public String denialDetails() {
        return denialDetails;
    }

    @Override
    public String toString() {
        return (allowed ? "allowed by " : "denied by ") + (policy.isEmpty() ? "no policy" : policy);
    }
}
