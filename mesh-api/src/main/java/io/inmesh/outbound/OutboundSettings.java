package io.inmesh.outbound;

import io.inmesh.filter.FilterFactories;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect.Destination;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What an engine is made of.
 *
 * @param source               where the configuration comes from
 * @param configurationTimeout how long a call waits for configuration
 * @param passthrough          which destinations that no configuration names go straight to their address
 * @param filters              the kinds of filter that there are
 * @param random               for all choices; thread-safe
 * @param clock                the wall clock
 */
public record OutboundSettings(
        ConfigurationSource source,
        Duration configurationTimeout,
        Predicate<Destination> passthrough,
        FilterFactories filters,
        RandomGenerator random,
        InstantSource clock) {

    /** Longer than the 15 s after which xDS takes a resource that never came for missing: a call fails with that answer and not with a guess. */
    public static final Duration DEFAULT_CONFIGURATION_TIMEOUT = Duration.ofSeconds(20);

    long configurationTimeoutNanos() {
        return TimeUnit.NANOSECONDS.convert(configurationTimeout);
    }
}
