package io.inmesh.resilience;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseFlag;

/** What Envoy's connection manager answers for a stream as a whole. The router's own answers are {@link RouterReplies}. */
public final class StreamReplies {
    /** {@code request_timeout}: the application took too long to send. */
    public static final LocalReply REQUEST_TIMEOUT =
            LocalReply.of(408, "request timeout", null, "request_overall_timeout");

    /** The router's: a retry was waiting, and more of the request had come than may be kept for it. */
    public static final LocalReply KEPT_TOO_MUCH = LocalReply.of(
            507,
            "exceeded request buffer limit while retrying upstream",
            null,
            "request_payload_exceeded_retry_buffer_limit");

    private static final String GRPC_DEADLINE_EXCEEDED = "4";

    private StreamReplies() {}

    /** {@code stream_idle_timeout}. */
    public static LocalReply streamIdle(boolean requestWhole) {
        return LocalReply.of(
                timeoutStatus(requestWhole), "stream timeout", ResponseFlag.STREAM_IDLE_TIMEOUT, "stream_idle_timeout");
    }

    /** {@code max_stream_duration}. It is the one limit that gRPC hears of as {@code DEADLINE_EXCEEDED}; the others are {@code UNAVAILABLE}. */
    public static LocalReply maxStreamDuration(boolean requestWhole, RequestHead request) {
        LocalReply reply = LocalReply.of(
                timeoutStatus(requestWhole),
                "downstream duration timeout",
                ResponseFlag.DURATION_TIMEOUT,
                "max_duration_timeout");
        if (LocalReply.isGrpc(request)) {
            reply.headers().set("grpc-status", GRPC_DEADLINE_EXCEEDED);
        }
        return reply;
    }

    /** {@code Utility::maybeRequestTimeoutCode}: whose fault it is depends on whether the request was whole. */
    private static int timeoutStatus(boolean requestWhole) {
        return requestWhole ? 504 : 408;
    }
}
