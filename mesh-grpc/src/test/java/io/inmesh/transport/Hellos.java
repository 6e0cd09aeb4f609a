package io.inmesh.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;

/** The bytes that a real client sends first. */
final class Hellos {
    private Hellos() {}

    static byte[] of(ClientTls client, String serverName, List<String> alpn) throws Exception {
        Sockets.ready(client::whenReady);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(client.newHandler(channel.alloc(), serverName, alpn, List.of()));
        ByteBuf sent = channel.readOutbound();
        try {
            return ByteBufUtil.getBytes(sent);
        } finally {
            sent.release();
            channel.finishAndReleaseAll();
        }
    }
}
