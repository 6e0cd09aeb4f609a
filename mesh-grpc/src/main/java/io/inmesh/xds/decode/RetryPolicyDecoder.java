package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.ResetHeaderFormat;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.BackOff;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.RetryPolicy.HostPredicate;
import io.inmesh.model.RetryPolicy.RateLimitedBackOff;
import io.inmesh.model.RetryPolicy.ResetHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.RetryPolicy}. */
final class RetryPolicyDecoder {
    private static final Duration LEAST_BACK_OFF = Duration.ofMillis(1);
    private static final Duration DEFAULT_RATE_LIMITED_MAX = Duration.ofMinutes(5);
    private static final int MAX_OVER_BASE = 10;

    private RetryPolicyDecoder() {}

    static RetryPolicy decode(io.envoyproxy.envoy.config.route.v3.RetryPolicy policy, String path, Notes notes) {
        return new RetryPolicy(
                conditions(policy.getRetryOn()),
                policy.hasNumRetries() ? Values.count(policy.getNumRetries()) : 1,
                Values.limit(policy.getPerTryTimeout(), path + ".per_try_timeout"),
                Values.limit(policy.getPerTryIdleTimeout(), path + ".per_try_idle_timeout"),
                hostPredicates(policy.getRetryHostPredicateList(), path, notes),
                hostSelectionAttempts(policy.getHostSelectionRetryMaxAttempts()),
                Collections.unmodifiableSet(new LinkedHashSet<>(policy.getRetriableStatusCodesList())),
                policy.hasRetryBackOff()
                        ? backOff(policy.getRetryBackOff(), path + ".retry_back_off")
                        : BackOff.DEFAULT,
                policy.hasRateLimitedRetryBackOff()
                        ? rateLimited(policy.getRateLimitedRetryBackOff(), path + ".rate_limited_retry_back_off")
                        : null,
                Values.each(policy.getRetriableHeadersList(), path, "retriable_headers", MatcherDecoder::header),
                Values.each(
                        policy.getRetriableRequestHeadersList(),
                        path,
                        "retriable_request_headers",
                        MatcherDecoder::header));
    }

    /** Words that Envoy does not know have no effect there either. */
    private static Set<Condition> conditions(String retryOn) {
        EnumSet<Condition> conditions = EnumSet.noneOf(Condition.class);
        for (String word : retryOn.split(",", -1)) {
            Condition condition = Condition.ofWord(word.strip());
            if (condition != null) {
                conditions.add(condition);
            }
        }
        return Collections.unmodifiableSet(conditions);
    }

    private static int hostSelectionAttempts(long configured) {
        // 0 is unset, and 1 the default.
        return (int) Math.max(1, Math.min(configured, Integer.MAX_VALUE));
    }

    private static List<HostPredicate> hostPredicates(List<RetryHostPredicate> list, String path, Notes notes) {
        List<HostPredicate> predicates = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            RetryHostPredicate predicate = list.get(i);
            HostPredicate known = hostPredicate(predicate);
            if (known == null) {
                notes.unsupported(Paths.element(path, "retry_host_predicate", i), predicate.getName());
            } else {
                predicates.add(known);
            }
        }
        return List.copyOf(predicates);
    }

    private static @Nullable HostPredicate hostPredicate(RetryHostPredicate predicate) {
        String type = Values.typeName(predicate.getTypedConfig().getTypeUrl());
        if (type.endsWith(".PreviousHostsPredicate") || predicate.getName().endsWith(".previous_hosts")) {
            return HostPredicate.PREVIOUS_HOSTS;
        }
        if (type.endsWith(".OmitCanaryHostsPredicate") || predicate.getName().endsWith(".omit_canary_hosts")) {
            return HostPredicate.OMIT_CANARY_HOSTS;
        }
        return null;
    }

    private static BackOff backOff(RetryBackOff backOff, String path) {
        Duration base = atLeastOneMilli(Values.duration(backOff.getBaseInterval(), path + ".base_interval"));
        Duration max = backOff.hasMaxInterval()
                ? atLeastOneMilli(Values.duration(backOff.getMaxInterval(), path + ".max_interval"))
                : base.multipliedBy(MAX_OVER_BASE);
        if (max.compareTo(base) < 0) {
            throw new BadResourceException(path + ".max_interval", "must be at least base_interval");
        }
        return new BackOff(base, max);
    }

    private static Duration atLeastOneMilli(Duration duration) {
        return duration.compareTo(LEAST_BACK_OFF) < 0 ? LEAST_BACK_OFF : duration;
    }

    private static RateLimitedBackOff rateLimited(RateLimitedRetryBackOff backOff, String path) {
        return new RateLimitedBackOff(
                Values.each(
                        backOff.getResetHeadersList(),
                        path,
                        "reset_headers",
                        (header, at) -> new ResetHeader(
                                header.getName().toLowerCase(Locale.ROOT),
                                header.getFormat() == ResetHeaderFormat.UNIX_TIMESTAMP)),
                backOff.hasMaxInterval()
                        ? Values.duration(backOff.getMaxInterval(), path + ".max_interval")
                        : DEFAULT_RATE_LIMITED_MAX);
    }
}
