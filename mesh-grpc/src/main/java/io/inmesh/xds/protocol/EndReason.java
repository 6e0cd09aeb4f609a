package io.inmesh.xds.protocol;

import io.grpc.Status;
import io.inmesh.grpc.StatusText;
import org.jspecify.annotations.Nullable;

/** Says in words why a stream ended, and what to look at. */
final class EndReason {
    /** What kuma-cp says, with {@code UNKNOWN}, for some seconds after a stream of this node has ended. */
    private static final String HELD = "there is already an active stream from this node";

    private EndReason() {}

    static StreamEnd of(Status status, DiscoveryService service) {
        String said = StatusText.of(status);
        return switch (status.getCode()) {
            case OK -> StreamEnd.because("the server ended the stream");
            case UNIMPLEMENTED ->
                new StreamEnd(
                        true,
                        false,
                        "does not serve " + service.fullName() + " (" + said + "); is this the " + service.port()
                                + "?");
            case UNAUTHENTICATED, PERMISSION_DENIED ->
                StreamEnd.because("refuses this node (" + said + "); check the node id and the credentials");
            case RESOURCE_EXHAUSTED ->
                StreamEnd.because(
                        said + "; the largest response taken has " + AdsSettings.MAX_MESSAGE_BYTES + " bytes");
            default ->
                new StreamEnd(
                        false, said.contains(HELD), isNotHttp2(status) ? "does not speak gRPC (" + said + ")" : said);
        };
    }

    /** What grpc-java makes of a peer that answers in HTTP/1, in another protocol, or with a page instead of gRPC. */
    private static boolean isNotHttp2(Status status) {
        return mentions(status.getDescription())
                || (status.getCause() != null && mentions(status.getCause().getMessage()));
    }

    private static boolean mentions(@Nullable String text) {
        return text != null
                && (text.contains("First received frame was not SETTINGS")
                        || text.contains("Unexpected HTTP/1.x request")
                        || text.contains("invalid content-type")
                        || text.contains("HTTP status code"));
    }
}
