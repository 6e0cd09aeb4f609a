package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inmesh.xds.protocol.XdsServer.Security;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Streams over gRPC. Each has a connection of its own, so an attempt is really one: a gRPC channel would otherwise answer from its own back-off,
 * and would not look up the address again.
 */
final class GrpcStreams implements AdsStreams {
    private final SessionLoop loop;
    private final AdsSettings settings;

    GrpcStreams(SessionLoop loop, AdsSettings settings) {
        this.loop = loop;
        this.settings = settings;
    }

    @Override
    public AdsStream open(XdsServer server, XdsTransport transport, Listener listener) {
        try {
            ManagedChannel channel = connect(server);
            return transport == XdsTransport.INCREMENTAL
                    ? start(
                            channel,
                            server,
                            AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
                            DeltaDiscoveryResponse::getTypeUrl,
                            listener)
                    : start(
                            channel,
                            server,
                            AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod(),
                            DiscoveryResponse::getTypeUrl,
                            listener);
        } catch (RuntimeException e) {
            StreamEnd end = new StreamEnd(false, "cannot be dialled: " + e.getMessage());
            loop.execute(() -> listener.ended(end));
            return new NoStream();
        }
    }

    private ManagedChannel connect(XdsServer server) {
        return Grpc.newChannelBuilder(server.target(), credentials(server.security()))
                .executor(loop)
                .maxInboundMessageSize(AdsSettings.MAX_MESSAGE_BYTES)
                .keepAliveTime(settings.keepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(settings.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .disableRetry()
                .build();
    }

    private static ChannelCredentials credentials(Security security) {
        if (security instanceof Security.Unsupported unsupported) {
            throw new IllegalStateException(
                    unsupported.what() + " is not supported, and the connection must not be open");
        }
        return InsecureChannelCredentials.create();
    }

    private static <Q extends Message, R extends Message> AdsStream start(
            ManagedChannel channel,
            XdsServer server,
            MethodDescriptor<Q, R> method,
            Function<R, String> typeUrl,
            Listener listener) {
        try {
            Metadata metadata = new Metadata();
            server.metadata()
                    .forEach((name, value) ->
                            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
            ClientCall<Q, R> call = channel.newCall(method, CallOptions.DEFAULT);
            call.start(new Responses<>(channel, call, typeUrl, listener), metadata);
            call.request(1);
            return new Requests<>(channel, call);
        } catch (RuntimeException e) {
            channel.shutdownNow();
            throw e;
        }
    }

    private record Requests<Q extends Message>(ManagedChannel channel, ClientCall<Q, ?> call) implements AdsStream {
        @Override
        @SuppressWarnings("unchecked") // The conversation of a stream writes the requests of its transport.
        public void send(Message message) {
            call.sendMessage((Q) message);
        }

        @Override
        public void close(String reason) {
            call.cancel(reason, null);
            channel.shutdownNow();
        }
    }

    private record NoStream() implements AdsStream {
        @Override
        public void send(Message message) {}

        @Override
        public void close(String reason) {}
    }

    private static final class Responses<R extends Message> extends ClientCall.Listener<R> {
        private final ManagedChannel channel;
        private final ClientCall<?, R> call;
        private final Function<R, String> typeUrl;
        private final Listener listener;

        Responses(ManagedChannel channel, ClientCall<?, R> call, Function<R, String> typeUrl, Listener listener) {
            this.channel = channel;
            this.call = call;
            this.typeUrl = typeUrl;
            this.listener = listener;
        }

        @Override
        public void onReady() {
            listener.ready();
        }

        @Override
        public void onMessage(R response) {
            listener.received(typeUrl.apply(response), response);
            // One response at a time: a server that floods is slowed down by flow control.
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            channel.shutdownNow();
            listener.ended(EndReason.of(status));
        }
    }
}
