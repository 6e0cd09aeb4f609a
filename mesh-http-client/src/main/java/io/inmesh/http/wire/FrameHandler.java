package io.inmesh.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Netty's HTTP/2, telling a {@link MultiplexedConnection} what happens, without a channel or a frame object per stream. */
// The outcome of a close or a write is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
final class FrameHandler extends Http2ConnectionHandler {
    /** What one reader that does not ask can make us keep. */
    private static final int STREAM_WINDOW = 256 * 1024;

    private static final int CONNECTION_WINDOW = 4 * 1024 * 1024;

    private final MultiplexedConnection wire;
    private boolean begun;

    private FrameHandler(
            MultiplexedConnection wire,
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings) {
        super(decoder, encoder, settings);
        this.wire = wire;
    }

    static FrameHandler create(MultiplexedConnection wire, int maxHeaderBytes) {
        Http2Connection connection = new DefaultHttp2Connection(false);
        // The connection's own window is refilled at once, so that a slow reader holds up its own stream only.
        connection
                .local()
                .flowController(new DefaultHttp2LocalFlowController(
                        connection, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO, true));
        FrameHandler handler = new Builder(wire, connection, maxHeaderBytes).build();
        connection.addListener(new StreamEvents(wire));
        connection.remote().flowController().listener(wire::writabilityChanged);
        return handler;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        connection().local().flowController().incrementWindowSize(connection().connectionStream(), CONNECTION_WINDOW);
        ctx.flush();
    }

    /** RFC 9113 section 4.1: whoever sends less than a frame's header has said nothing in HTTP/2 yet, nor against it; a TLS alert in the clear is such. As in Envoy. */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        begun |= in.readableBytes() >= Http2CodecUtil.FRAME_HEADER_LENGTH;
        if (begun) {
            super.decode(ctx, in, out);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        wire.terminated();
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        wire.transportError(cause);
        if (Http2Exception.class.isInstance(cause)) {
            super.exceptionCaught(ctx, cause);
        } else {
            ctx.close();
        }
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, @Nullable Http2Exception http2Cause) {
        if (outbound && http2Cause == null) {
            // A write failed: the connection is broken, as by a TLS alert, and the host said nothing against HTTP/2.
            wire.transportError(cause);
        } else {
            wire.connectionError(cause);
        }
        super.onConnectionError(ctx, outbound, cause, http2Cause);
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception.StreamException streamCause) {
        Http2Stream stream = connection().stream(streamCause.streamId());
        super.onStreamError(ctx, outbound, cause, streamCause);
        if (stream != null) {
            wire.broken(stream, cause);
        }
    }

    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<FrameHandler, Builder> {
        private final MultiplexedConnection wire;

        Builder(MultiplexedConnection wire, Http2Connection connection, int maxHeaderBytes) {
            this.wire = wire;
            connection(connection);
            frameListener(new Frames(wire, connection));
            gracefulShutdownTimeoutMillis(0);
            initialSettings(Http2Settings.defaultSettings()
                    .pushEnabled(false)
                    .initialWindowSize(STREAM_WINDOW)
                    .maxHeaderListSize(maxHeaderBytes));
        }

        @Override
        protected FrameHandler build() {
            return super.build();
        }

        @Override
        protected FrameHandler build(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            return new FrameHandler(wire, decoder, encoder, settings);
        }
    }

    private static final class StreamEvents extends Http2ConnectionAdapter {
        private final MultiplexedConnection wire;

        StreamEvents(MultiplexedConnection wire) {
            this.wire = wire;
        }

        @Override
        public void onStreamClosed(Http2Stream stream) {
            wire.closed(stream);
        }

        @Override
        public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
            wire.goAway(lastStreamId, errorCode);
        }
    }

    private static final class Frames extends Http2FrameAdapter {
        private final MultiplexedConnection wire;
        private final Http2Connection connection;

        Frames(MultiplexedConnection wire, Http2Connection connection) {
            this.wire = wire;
            this.connection = connection;
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
            Http2Stream stream = connection.stream(streamId);
            return stream == null ? data.readableBytes() + padding : wire.data(stream, data, padding, endOfStream);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endOfStream) {
            Http2Stream stream = connection.stream(streamId);
            if (stream != null) {
                wire.headers(stream, headers, endOfStream);
            }
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int streamId,
                Http2Headers headers,
                int streamDependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean endOfStream) {
            onHeadersRead(ctx, streamId, headers, padding, endOfStream);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
            Http2Stream stream = connection.stream(streamId);
            if (stream != null) {
                wire.resetByHost(stream, errorCode);
            }
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
            wire.settingsReceived();
        }
    }
}
