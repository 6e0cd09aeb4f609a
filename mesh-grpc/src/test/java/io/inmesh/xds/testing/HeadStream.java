package io.inmesh.xds.testing;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStream;
import org.jspecify.annotations.Nullable;

/** A stream as a single filter sees it that only looks at heads. */
public record HeadStream(RequestHead request, StreamInfo info) implements FilterStream {
    @Override
    public boolean endStream() {
        return true;
    }

    @Override
    public void clearRouteCache() {}

    @Override
    public @Nullable Object attachment() {
        return null;
    }

    @Override
    public void attachment(@Nullable Object newAttachment) {}
}
