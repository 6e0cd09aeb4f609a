package io.inmesh.resilience;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.HostPredicate;
import io.inmesh.resilience.CircuitBreaker.Resource;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The retries of one call: decides after each attempt whether there is another, and after which pause. Envoy's {@code RetryStateImpl}.
 *
 * <p>A retry that was decided counts against the cluster's {@link Resource#RETRIES} until the next decision or {@link #close}. Not thread-safe: it belongs
 * to one call.
 */
public final class RetryState {
    /** What becomes of an attempt's outcome. */
    public enum Decision {
        /** It stands. */
        STANDS,
        /** It stands, though it was to be retried: the retries of the call are used up. Flag URX. */
        LIMIT_EXCEEDED,
        /** It stands, though it was to be retried: the cluster has as many retries under way as it may. Flag UO. */
        OVERFLOW,
        /** It is dropped, and there is another attempt after {@link #pauseMillis()}. */
        RETRY
    }

    private final RetryConditions conditions;
    private final RetryPolicy policy;
    private final CircuitBreaker limits;
    private final RateLimitedPause rateLimited;
    private final RandomGenerator random;
    private @Nullable BackOffSequence backOff;
    private long remaining;
    private long pauseMillis;
    private boolean counted;

    private RetryState(
            RetryConditions conditions,
            RetryPolicy policy,
            long retries,
            CircuitBreaker limits,
            RandomGenerator random,
            InstantSource clock) {
        this.conditions = conditions;
        this.policy = policy;
        this.remaining = retries;
        this.limits = limits;
        this.rateLimited = new RateLimitedPause(policy.rateLimitedBackOff(), random, clock);
        this.random = random;
    }

    /**
     * The retries of a call, or null if there will be none because neither its route nor its headers ask for any. The headers that Envoy's router
     * consumes ({@code x-envoy-retry-on}, {@code x-envoy-retry-grpc-on}, {@code x-envoy-max-retries}, {@code x-envoy-retriable-status-codes},
     * {@code x-envoy-retriable-header-names}, {@code x-envoy-hedge-on-per-try-timeout}) are taken out of the head in either case.
     *
     * @param policy the route's, else its virtual host's, else null
     * @param limits of the cluster, at the route's priority
     */
    public static @Nullable RetryState of(
            @Nullable RetryPolicy policy,
            RequestHead head,
            CircuitBreaker limits,
            RandomGenerator random,
            InstantSource clock) {
        RetryHeaders headers = RetryHeaders.take(head);
        if ((policy == null || policy.retryOn().isEmpty()) && !headers.asksForRetries()) {
            return null;
        }
        RetryPolicy effective = policy == null ? RetryPolicy.of(1) : policy;
        RetryConditions conditions = RetryConditions.of(effective, headers, head);
        // "The max retries header takes precedence if set", and only where something is retried at all.
        Long asked = conditions.isEmpty() ? null : headers.maxRetries();
        return new RetryState(
                conditions, effective, asked == null ? effective.numRetries() : asked, limits, random, clock);
    }

    /** Decides after the head of an attempt's response. */
    public Decision onResponse(ResponseHead response) {
        RetryConditions.Verdict verdict = conditions.ofResponse(response);
        Decision decision = decide(verdict);
        if (decision == Decision.RETRY) {
            long asked = verdict == RetryConditions.Verdict.WITH_PAUSE ? rateLimited.millis(response) : -1;
            pauseMillis = asked >= 0 ? asked : exponential(verdict);
        }
        return decision;
    }

    /**
     * Decides after an attempt without a response. A per-try timeout is {@link ResetReason#LOCAL_RESET}, as in Envoy, whose conditions {@code 5xx},
     * {@code gateway-error} and {@code reset} thus cover it.
     *
     * @param requestStarted whether this attempt or an earlier one had got a connection and the request's head was handed to it; in Envoy 1.40, too, a
     *                       refused stream followed by a refused connection is no longer "before the request"
     */
    public Decision onReset(ResetReason reason, boolean requestStarted) {
        RetryConditions.Verdict verdict = conditions.ofReset(reason, requestStarted);
        Decision decision = decide(verdict);
        if (decision == Decision.RETRY) {
            pauseMillis = exponential(verdict);
        }
        return decision;
    }

    private Decision decide(RetryConditions.Verdict verdict) {
        release();
        if (verdict == RetryConditions.Verdict.NO) {
            return Decision.STANDS;
        }
        if (remaining == 0) {
            return Decision.LIMIT_EXCEEDED;
        }
        remaining--;
        if (!limits.allows(Resource.RETRIES)) {
            return Decision.OVERFLOW;
        }
        limits.acquire(Resource.RETRIES);
        counted = true;
        return Decision.RETRY;
    }

    private long exponential(RetryConditions.Verdict verdict) {
        if (verdict == RetryConditions.Verdict.AT_ONCE) {
            return 0;
        }
        if (backOff == null) {
            backOff = new BackOffSequence(policy.backOff(), random);
        }
        return backOff.nextMillis();
    }

    /** After {@link Decision#RETRY}: how long to wait for the next attempt, in milliseconds. */
    public long pauseMillis() {
        return pauseMillis;
    }

    /** Whether the predicate {@code previous_hosts} keeps retries away from hosts that were tried. */
    public boolean avoidsPreviousHosts() {
        return policy.hostPredicates().contains(HostPredicate.PREVIOUS_HOSTS);
    }

    /** Whether the predicate {@code omit_canary_hosts} keeps retries away from hosts with {@code canary} in their {@code envoy.lb} metadata. */
    public boolean omitsCanaryHosts() {
        return policy.hostPredicates().contains(HostPredicate.OMIT_CANARY_HOSTS);
    }

    /** {@code host_selection_retry_max_attempts}: how often a retry chooses again after a host that a predicate rejects. */
    public int hostSelectionAttempts() {
        return policy.hostSelectionAttempts();
    }

    /** No further decision comes: the call is over, has its response, or can no longer be repeated. Repeated calls do nothing. */
    public void close() {
        release();
        remaining = 0;
    }

    private void release() {
        if (counted) {
            counted = false;
            limits.release(Resource.RETRIES);
        }
    }
}
