package io.inmesh.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;

/** Begins channels to control planes and agents: gRPC targets, and Unix sockets on every platform whose JDK has them, without native libraries. */
public final class Dial {
    private static final String UNIX = "unix:";

    private Dial() {}

    /**
     * A channel that is to be configured and built.
     *
     * @param target {@code host:port}, {@code dns:///host:port}, {@code unix:PATH} or {@code unix:///PATH}
     */
    public static ManagedChannelBuilder<?> to(String target, ChannelCredentials credentials) {
        if (!isUnix(target)) {
            return Grpc.newChannelBuilder(target, credentials);
        }
        String path = target.substring(UNIX.length());
        return NettyChannelBuilder.forAddress(
                        UnixDomainSocketAddress.of(path.startsWith("///") ? path.substring(2) : path), credentials)
                .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
                .eventLoopGroup(UnixLoop.GROUP)
                // There is no host to name; gRPC in Go says this, too.
                .overrideAuthority("localhost");
    }

    static boolean isUnix(String target) {
        return target.startsWith(UNIX);
    }

    /** gRPC's own loops may be of a native transport, which has no channels of the JDK's sockets. */
    private static final class UnixLoop {
        static final EventLoopGroup GROUP = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("inmesh-unix", true), NioIoHandler.newFactory());
    }
}
