package io.inmesh.matching;

import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/** A fact that can be looked at as a text. */
abstract class Input {

    /** Whether the fact can be had at all; where it cannot, nobody can say what matches. */
    boolean isKnown(@Nullable RequestHead head, StreamInfo info) {
        return info.downstream() != null;
    }

    /** Its value; null if there is none. Asked only where the fact is known. */
    abstract @Nullable String text(@Nullable RequestHead head, StreamInfo info);

    /** The value as an address, or null if it is none. */
    @Nullable
    IpAddress address(@Nullable RequestHead head, StreamInfo info) {
        String text = text(head, info);
        return text == null ? null : IpAddress.parse(text);
    }
}
