package io.inmesh.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.ResetReason;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row is what Envoy 1.40 answered on the wire, and what its access log told as flag and details. */
class RouterRepliesTest {
    private static final String REFUSED = "delayed connect error: Connection refused";

    static Stream<Arguments> recordedAnswers() {
        return Stream.of(
                row(RouterReplies.routeNotFound(), 404, "", "NR", "route_not_found"),
                row(RouterReplies.clusterNotFound(503), 503, "", "NC", "cluster_not_found"),
                row(RouterReplies.noHealthyUpstream(), 503, "no healthy upstream", "UH", "no_healthy_upstream"),
                row(RouterReplies.responseTimeout(), 504, "upstream request timeout", "UT", "response_timeout"),
                row(RouterReplies.perTryTimeout(), 504, "upstream request timeout", "UT", "upstream_per_try_timeout"),
                row(
                        RouterReplies.perTryIdleTimeout(),
                        504,
                        "upstream request timeout",
                        "UT",
                        "upstream_per_try_idle_timeout"),
                reset(
                        ResetReason.CONNECTION_FAILURE,
                        REFUSED,
                        503,
                        "remote connection failure",
                        "UF",
                        "remote_connection_failure|delayed_connect_error:_Connection_refused"),
                reset(ResetReason.CONNECTION_TIMEOUT, "", 503, "connection timeout", "UF", "connection_timeout"),
                reset(
                        ResetReason.CONNECTION_TERMINATION,
                        "",
                        503,
                        "connection termination",
                        "UC",
                        "connection_termination"),
                reset(ResetReason.REMOTE_RESET, "", 503, "remote reset", "UR", "remote_reset"),
                reset(
                        ResetReason.REMOTE_REFUSED_STREAM,
                        "",
                        503,
                        "remote refused stream reset",
                        "UR",
                        "remote_refused_stream_reset"),
                reset(ResetReason.PROTOCOL_ERROR, "", 502, "protocol error", "UPE", "protocol_error"),
                reset(ResetReason.OVERFLOW, "", 503, "overflow", "UO", "overflow"));
    }

    @ParameterizedTest(name = "{1} {3} {4}")
    @MethodSource("recordedAnswers")
    void reply_isWhatEnvoyAnswers(LocalReply reply, int status, String body, String flag, String details) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).isEqualTo(body);
        assertThat(reply.flag()).isNotNull().satisfies(is -> assertThat(is.code())
                .isEqualTo(flag));
        assertThat(reply.details()).isEqualTo(details);
    }

    /** Access logs are lines, and details one word of them. */
    @Test
    void details_whiteSpaceOfAnyKind_isUnderscored() {
        assertThat(RouterReplies.unresolved("a b\tc\r\nd").details()).isEqualTo("dns_resolution_failure{a_b_c__d}");
        assertThat(RouterReplies.reset(ResetReason.CONNECTION_FAILURE, "a b\nc", 1)
                        .details())
                .isEqualTo("upstream_reset_before_response_started{remote_connection_failure|a_b_c}");
    }

    @ParameterizedTest
    @MethodSource("recordedRetried")
    void reset_afterRetries_saysSo(ResetReason reason, String body) {
        assertThat(RouterReplies.reset(reason, "", 2).body()).isEqualTo(body);
    }

    static Stream<Arguments> recordedRetried() {
        String start =
                "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: ";
        return Stream.of(
                Arguments.of(ResetReason.CONNECTION_FAILURE, start + "remote connection failure"),
                Arguments.of(ResetReason.CONNECTION_TIMEOUT, start + "connection timeout"),
                Arguments.of(ResetReason.CONNECTION_TERMINATION, start + "connection termination"),
                Arguments.of(ResetReason.PROTOCOL_ERROR, start + "protocol error"));
    }

    @ParameterizedTest
    @MethodSource("overloaded")
    void reset_byOverflowOnly_tellsOverload(ResetReason reason, @Nullable String overloaded) {
        assertThat(RouterReplies.reset(reason, "", 1).head().headers().get("x-envoy-overloaded"))
                .isEqualTo(overloaded);
    }

    static Stream<Arguments> overloaded() {
        return Stream.of(ResetReason.values())
                .map(reason -> Arguments.of(reason, reason == ResetReason.OVERFLOW ? "true" : null));
    }

    private static Arguments row(LocalReply reply, int status, String body, String flag, String details) {
        return Arguments.of(reply, status, body, flag, details);
    }

    private static Arguments reset(
            ResetReason reason, String transport, int status, String words, String flag, String details) {
        return row(
                RouterReplies.reset(reason, transport, 1),
                status,
                "upstream connect error or disconnect/reset before headers. reset reason: " + words,
                flag,
                "upstream_reset_before_response_started{" + details + "}");
    }
}
