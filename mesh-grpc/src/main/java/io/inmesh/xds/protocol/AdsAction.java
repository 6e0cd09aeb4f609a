package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import java.time.Duration;

/** What the protocol machine wants done. */
sealed interface AdsAction {

    /** Starts a stream; its messages follow. */
    record Open(int stream, int server, XdsTransport transport) implements AdsAction {}

    /** Ends a stream; nothing that still comes from it matters. */
    record Close(int stream, String reason) implements AdsAction {}

    /** Sends a {@code DiscoveryRequest} or {@code DeltaDiscoveryRequest}. */
    record Send(int stream, Message message) implements AdsAction {}

    /** Sets a timer, in place of the same timer if it runs. */
    record SetTimer(AdsTimer timer, Duration delay) implements AdsAction {}

    /** Stops a timer if it runs. */
    record CancelTimer(AdsTimer timer) implements AdsAction {}
}
