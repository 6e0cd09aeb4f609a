package io.inmesh.samples.kuma.recorded;

import java.time.Duration;

/**
 * The waiting times of kuma-cp.
 *
 * @param refusal        before the response that follows a refusal, on the stream's one thread ({@code KUMA_XDS_SERVER_NACK_BACKOFF})
 * @param deregistration for which the node of a Dataplane that came with its stream stays taken after it
 *                       ({@code KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY})
 * @param secrets        before secrets, which come last
 */
public record Habits(Duration refusal, Duration deregistration, Duration secrets) {
    /** kuma-cp's own: 5 s, 10 s, and what the making of a certificate takes. */
    public static final Habits KUMA = new Habits(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(100));
}
