package io.inmesh.xds.protocol;

import com.google.protobuf.Message;

/** Opens streams to control planes. The listener is called on the session's loop, and never before {@link #open} has returned. */
interface AdsStreams {

    /** Starts a stream; whatever goes wrong, now or later, is told to the listener. */
    AdsStream open(XdsServer server, XdsTransport transport, Listener listener);

    /** A stream that was opened. */
    interface AdsStream {
        void send(Message message);

        /** Ends the stream and its connection. */
        void close(String reason);
    }

    /** What comes from a stream. */
    interface Listener {
        void ready();

        /** A response was received; the next one is asked for when this returns. */
        void received(String typeUrl, Message response);

        /** Nothing comes after it. */
        void ended(StreamEnd end);
    }
}
