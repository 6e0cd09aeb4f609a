package io.inmesh.xds.testing;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.inmesh.xds.protocol.XdsTransport;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An ADS and SDS server on loopback that answers nothing by itself: a test takes each {@linkplain #awaitStream() stream} and says what is sent on it,
 * however late or wrong. All waits are bounded and fail with what did not come.
 */
public final class ScriptedAdsServer implements AutoCloseable {
    static final int WAIT_SECONDS = 60;
    private static final EventLoopGroup UNIX =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("test-unix", true), NioIoHandler.newFactory());

    private final Server server;
    private final BlockingQueue<ScriptedStream> streams = new LinkedBlockingQueue<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final Map<String, Metadata> headers = new ConcurrentHashMap<>();
    private final Map<String, String> peers = new ConcurrentHashMap<>();

    private ScriptedAdsServer(NettyServerBuilder place, Set<XdsTransport> transports) {
        try {
            server = place.maxInboundMessageSize(64 << 20)
                    .intercept(new HeaderRecorder())
                    .addService(new Script(transports))
                    .addService(new SecretScript(transports))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server of both transports on a free port. */
    public static ScriptedAdsServer start() {
        return start(0, XdsTransport.INCREMENTAL, XdsTransport.STATE_OF_THE_WORLD);
    }

    /** A server on a port, 0 for any free one, that answers {@code UNIMPLEMENTED} to other transports. */
    public static ScriptedAdsServer start(int port, XdsTransport... transports) {
        return new ScriptedAdsServer(NettyServerBuilder.forAddress(loopback(port)), Set.of(transports));
    }

    /** A server of both transports on a port, 0 for any free one, behind TLS. */
    public static ScriptedAdsServer start(int port, ServerCredentials credentials) {
        return new ScriptedAdsServer(
                NettyServerBuilder.forAddress(loopback(port), credentials), Set.of(XdsTransport.values()));
    }

    /** A server on a Unix socket that answers {@code UNIMPLEMENTED} to other transports. */
    public static ScriptedAdsServer start(Path socket, XdsTransport... transports) {
        return new ScriptedAdsServer(
                NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .channelType(NioServerDomainSocketChannel.class)
                        .bossEventLoopGroup(UNIX)
                        .workerEventLoopGroup(UNIX),
                Set.of(transports));
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Its port on loopback. */
    public int port() {
        return server.getPort();
    }

    /** Its address as a gRPC target. */
    public String target() {
        return "127.0.0.1:" + port();
    }

    /** How many streams were opened so far, those that were refused included. */
    public int streamsOpened() {
        return opened.get();
    }

    /** The last value of a metadata entry with which a stream came, or null. */
    public @Nullable String lastMetadata(String name) {
        Metadata metadata = headers.get("last");
        return metadata == null ? null : metadata.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }

    /** The subject's alternative names in the certificate with which the last stream came; empty if it came without. */
    public String lastPeer() {
        return peers.getOrDefault("last", "");
    }

    /** The next stream that was opened. */
    public ScriptedStream awaitStream() {
        ScriptedStream stream = poll(streams);
        if (stream == null) {
            throw new AssertionError("No stream was opened within " + WAIT_SECONDS + " s");
        }
        return stream;
    }

    /** Cuts all connections and frees the port. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static <T> @Nullable T poll(BlockingQueue<T> queue) {
        try {
            return queue.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private <R extends Message> StreamObserver<R> accept(
            XdsTransport transport, Set<XdsTransport> transports, StreamObserver<? extends Message> responses) {
        opened.incrementAndGet();
        ScriptedStream stream = new ScriptedStream(transport, (ServerCallStreamObserver<?>) responses);
        if (transports.contains(transport)) {
            streams.add(stream);
        } else {
            stream.fail(Status.UNIMPLEMENTED.withDescription("not in this script"));
        }
        return stream.requests();
    }

    private final class Script extends AggregatedDiscoveryServiceImplBase {
        private final Set<XdsTransport> transports;

        Script(Set<XdsTransport> transports) {
            this.transports = transports;
        }

        @Override
        public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> responses) {
            return accept(XdsTransport.STATE_OF_THE_WORLD, transports, responses);
        }

        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
                StreamObserver<DeltaDiscoveryResponse> responses) {
            return accept(XdsTransport.INCREMENTAL, transports, responses);
        }
    }

    private final class SecretScript extends SecretDiscoveryServiceImplBase {
        private final Set<XdsTransport> transports;

        SecretScript(Set<XdsTransport> transports) {
            this.transports = transports;
        }

        @Override
        public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> responses) {
            return accept(XdsTransport.STATE_OF_THE_WORLD, transports, responses);
        }

        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaSecrets(StreamObserver<DeltaDiscoveryResponse> responses) {
            return accept(XdsTransport.INCREMENTAL, transports, responses);
        }
    }

    private static String peer(@Nullable SSLSession session) {
        try {
            return session == null
                    ? ""
                    : ((X509Certificate) session.getPeerCertificates()[0])
                            .getSubjectAlternativeNames()
                            .toString();
        } catch (SSLPeerUnverifiedException e) {
            return "";
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class HeaderRecorder implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata metadata, ServerCallHandler<Q, R> next) {
            headers.put("last", metadata);
            peers.put("last", peer(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
            return next.startCall(call, metadata);
        }
    }
}
