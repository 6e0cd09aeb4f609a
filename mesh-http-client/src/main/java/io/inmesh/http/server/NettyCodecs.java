package io.inmesh.http.server;

import io.inmesh.inbound.InboundConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** Where the codecs of a connection come from. */
interface NettyCodecs {

    /**
     * Puts the mesh behind the codec of a connection, before the codec has seen a request.
     *
     * @param ctx   of the last handler before the codecs; it gives its bytes on afterwards
     * @param first the first bytes of the connection, enough to tell the protocol; those that are read from it here are not given on
     * @param http2 whether they are HTTP/2
     * @return null if there is no codec for the protocol: the connection cannot be served
     */
    @Nullable
    NettyPolicy install(ChannelHandlerContext ctx, InboundConnection connection, ByteBuf first, boolean http2);
}
