package io.inmesh.security;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What one RBAC filter has decided so far: Envoy's counters {@code allowed}, {@code denied} and so on. Thread-safe. */
public final class RbacCounters {
    private final LongAdder allowed = new LongAdder();
    private final LongAdder denied = new LongAdder();
    private final Map<String, RbacCounters> policies = new ConcurrentHashMap<>();

    RbacCounters() {}

    /** How often it let something through, or would have. */
    public long allowed() {
        return allowed.sum();
    }

    /** How often it refused, or would have. */
    public long denied() {
        return denied.sum();
    }

    /** The same for each policy that has matched so far; empty without {@code track_per_rule_stats}. */
    public Map<String, RbacCounters> policies() {
        return Map.copyOf(policies);
    }

    void count(AccessVerdict verdict, boolean perPolicy) {
        (verdict.allowed() ? allowed : denied).increment();
        if (perPolicy && !verdict.policy().isEmpty()) {
            ofPolicy(verdict.policy()).count(verdict, false);
        }
    }

    private RbacCounters ofPolicy(String policy) {
        // Without a lock as soon as it is there.
        RbacCounters known = policies.get(policy);
        return known == null ? policies.computeIfAbsent(policy, name -> new RbacCounters()) : known;
    }
}
