package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/**
 * What the commands of a header format can speak of.
 *
 * @param info         the stream
 * @param request      its request, or null
 * @param response     its response, or null as long as there is none
 * @param trailers     the response's trailers, or null as long as there are none
 * @param responseCode the upstream's status; 0 as long as there is none, and in answers that the data plane gives itself
 * @param attempts     how many attempts have begun
 */
public record FormatContext(
        StreamInfo info,
        @Nullable RequestHead request,
        @Nullable ResponseHead response,
        @Nullable Headers trailers,
        int responseCode,
        int attempts) {

    /** When there is a connection and no request yet. */
    public static FormatContext ofConnection(StreamInfo connection) {
        return new FormatContext(connection, null, null, null, 0, 0);
    }

    /** While the request is on its way. */
    public static FormatContext ofRequest(StreamInfo info, RequestHead request) {
        return new FormatContext(info, request, null, null, 0, info.upstream().attempts());
    }

    /** When the router takes the request up: Envoy counts the first attempt before it looks for a host. */
    static FormatContext ofFirstAttempt(StreamInfo info, RequestHead request) {
        return new FormatContext(info, request, null, null, 0, 1);
    }

    /** When the response has come. */
    public static FormatContext ofResponse(StreamInfo info, RequestHead request, ResponseHead response) {
        return new FormatContext(
                info,
                request,
                response,
                null,
                response.status(),
                info.upstream().attempts());
    }

    /** When the data plane answers itself. */
    public static FormatContext ofLocalReply(StreamInfo info, RequestHead request, ResponseHead response) {
        return new FormatContext(
                info, request, response, null, 0, info.upstream().attempts());
    }
}
