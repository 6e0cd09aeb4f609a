package io.inmesh.xds.envoy;

import io.inmesh.exchange.Headers;

/**
 * What became of a request, as far as it is compared.
 *
 * @param cluster         the cluster that it went to, or an empty string if it went nowhere
 * @param upstreamRequest method, path and host as the upstream saw them
 * @param upstreamHeaders the other header fields as the upstream saw them, in order
 * @param status          of the response
 * @param responseHeaders of the response, in order
 * @param body            of an answer that did not come from upstream
 */
record Outcome(
        String cluster,
        String upstreamRequest,
        Headers upstreamHeaders,
        int status,
        Headers responseHeaders,
        String body) {

    @Override
    public String toString() {
        return "\n    to [" + cluster + "] " + upstreamRequest + "\n       " + upstreamHeaders + "\n    back " + status
                + " " + responseHeaders + " " + body.strip();
    }
}
