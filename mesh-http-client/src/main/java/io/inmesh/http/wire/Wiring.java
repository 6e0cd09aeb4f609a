package io.inmesh.http.wire;

import io.netty.channel.socket.SocketChannel;

/**
 * What all loops of a transport share.
 *
 * @param lookup finds the addresses of names
 */
record Wiring(
        WireOptions options, Class<? extends SocketChannel> channelType, NameLookup lookup, ChannelSecurity security) {}
