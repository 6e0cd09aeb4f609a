package io.inmesh.http.wire;

import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.Executor;

/**
 * What all loops of a transport share.
 *
 * @param offload runs what may block: resolution of names, certificate checks of the application's trust managers
 */
record Wiring(
        WireOptions options, Class<? extends SocketChannel> channelType, Executor offload, ChannelSecurity security) {}
