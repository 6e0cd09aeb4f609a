package io.inmesh.resilience;

import io.inmesh.model.Cluster.RetryBudget;
import io.inmesh.model.Cluster.Thresholds;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The counts of one cluster at one priority against its thresholds: Envoy's {@code ResourceManager}. They outlive snapshots: a change of
 * the thresholds counts from the next request.
 *
 * <p>Thread-safe, without locks. Like Envoy's, a check and the count that follows it are not one step: two loops that ask at the same moment may go
 * one over the limit.
 */
public final class CircuitBreaker {
    /** The resources that are limited. */
    public enum Resource {
        /** Connections of the cluster. */
        CONNECTIONS,
        /** Requests that wait for a connection. */
        PENDING_REQUESTS,
        /** Requests on a connection. */
        REQUESTS,
        /** Retries under way. */
        RETRIES
    }

    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger pendingRequests = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private volatile Thresholds thresholds;

    /** Counts that start at zero. */
    public CircuitBreaker(Thresholds thresholds) {
        this.thresholds = thresholds;
    }

    /** Puts new limits in force. */
    public void thresholds(Thresholds newThresholds) {
        thresholds = newThresholds;
    }

    /** Whether one more fits below the limit. */
    public boolean allows(Resource resource) {
        return count(resource) < limit(resource);
    }

    /** Counts one more. */
    public void acquire(Resource resource) {
        counter(resource).incrementAndGet();
    }

    /** Counts one less. */
    public void release(Resource resource) {
        counter(resource).decrementAndGet();
    }

    /** How many there are now. */
    public int count(Resource resource) {
        return counter(resource).get();
    }

    private int limit(Resource resource) {
        Thresholds limits = thresholds;
        return switch (resource) {
            case CONNECTIONS -> limits.maxConnections();
            case PENDING_REQUESTS -> limits.maxPendingRequests();
            case REQUESTS -> limits.maxRequests();
            case RETRIES -> retryLimit(limits);
        };
    }

    /** {@code CircuitBreakers.Thresholds.RetryBudget}: a share of the requests that are active or pending now, retries among them. */
    private int retryLimit(Thresholds limits) {
        RetryBudget budget = limits.retryBudget();
        if (budget == null) {
            return limits.maxRetries();
        }
        long current = (long) requests.get() + pendingRequests.get();
        return Math.max((int) (budget.percent() / 100 * current), budget.minRetryConcurrency());
    }

    private AtomicInteger counter(Resource resource) {
        return switch (resource) {
            case CONNECTIONS -> connections;
            case PENDING_REQUESTS -> pendingRequests;
            case REQUESTS -> requests;
            case RETRIES -> retries;
        };
    }
}
