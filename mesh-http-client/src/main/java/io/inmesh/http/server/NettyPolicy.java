package io.inmesh.http.server;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** What stands between the codec and the application on a connection, whatever the version of HTTP. */
interface NettyPolicy {

    /** The request that a channel carries (the connection, or a stream of it), or null. From any thread. */
    @Nullable
    NettyExchange exchange(Channel channel);

    /** Requests under way finish, new ones are not taken, and then the connection ends. On the loop. */
    void drain();
}
