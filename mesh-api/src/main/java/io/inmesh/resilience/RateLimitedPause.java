package io.inmesh.resilience;

import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.RetryPolicy.RateLimitedBackOff;
import io.inmesh.model.RetryPolicy.ResetHeader;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The pause that a response asks for: {@code RetryPolicy.rate_limited_retry_back_off}. */
final class RateLimitedPause {
    private final @Nullable RateLimitedBackOff policy;
    private final RandomGenerator random;
    private final InstantSource clock;

    RateLimitedPause(@Nullable RateLimitedBackOff policy, RandomGenerator random, InstantSource clock) {
        this.policy = policy;
        this.random = random;
        this.clock = clock;
    }

    /** Drawn from [interval, 1.5 interval) of the first header that has one and is not over the maximum; -1 if there is none. */
    long millis(ResponseHead response) {
        if (policy == null) {
            return -1;
        }
        for (ResetHeader header : policy.resetHeaders()) {
            long interval = interval(header, response);
            if (interval > 0 && interval <= policy.max().toMillis()) {
                return interval + random.nextLong(interval / 2);
            }
        }
        return -1;
    }

    private long interval(ResetHeader header, ResponseHead response) {
        String value = response.headers().get(header.name());
        Long seconds = value == null ? null : Numbers.unsigned(value);
        if (seconds == null) {
            return -1;
        }
        long left = header.unixTimestamp() ? seconds - clock.instant().getEpochSecond() : seconds;
        return left > Long.MAX_VALUE / 2000 ? -1 : left * 1000;
    }
}
