package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/**
 * What the commands of a header format can speak of.
 *
 * @param info     the stream
 * @param request  its request, or null
 * @param response its response, or null as long as there is none
 * @param trailers the response's trailers, or null as long as there are none
 */
public record FormatContext(
        StreamInfo info,
        @Nullable RequestHead request,
        @Nullable ResponseHead response,
        @Nullable Headers trailers) {

    /** While the request is on its way. */
    public static FormatContext ofRequest(StreamInfo info, RequestHead request) {
        return new FormatContext(info, request, null, null);
    }

    /** When the response has come. */
    public static FormatContext ofResponse(StreamInfo info, RequestHead request, ResponseHead response) {
        return new FormatContext(info, request, response, null);
    }
}
