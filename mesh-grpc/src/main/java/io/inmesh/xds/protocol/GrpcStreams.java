package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inmesh.grpc.Dial;
import io.inmesh.grpc.MeshTlsCredentials;
import io.inmesh.grpc.ServerAccess;
import io.inmesh.grpc.TokenCredentials;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
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
    private final DiscoveryService service;
    private final Function<UpstreamTls, ClientTls> tls;

    GrpcStreams(
            SessionLoop loop, AdsSettings settings, DiscoveryService service, Function<UpstreamTls, ClientTls> tls) {
        this.loop = loop;
        this.settings = settings;
        this.service = service;
        this.tls = tls;
    }

    @Override
    public AdsStream open(XdsServer server, XdsTransport transport, Listener listener) {
        try {
            XdsServer chosen = chosen(server);
            ManagedChannel channel = connect(chosen);
            return transport == XdsTransport.INCREMENTAL
                    ? start(channel, chosen, service.incremental(), DeltaDiscoveryResponse::getTypeUrl, listener)
                    : start(channel, chosen, service.stateOfTheWorld(), DiscoveryResponse::getTypeUrl, listener);
        } catch (RuntimeException e) {
            StreamEnd end = StreamEnd.because("cannot be dialled: " + e.getMessage());
            loop.execute(() -> listener.ended(end));
            return new NoStream();
        }
    }

    private static XdsServer chosen(XdsServer server) {
        if (!(server.security() instanceof Security.Chosen chosen)) {
            return server;
        }
        ServerAccess access = chosen.choice().next();
        return new XdsServer(
                server.target(),
                new Security.Tls(access.tls()),
                server.transport(),
                server.metadata(),
                access.token(),
                server.habits());
    }

    private ManagedChannel connect(XdsServer server) {
        return Dial.to(server.target(), credentials(server.security()))
                .executor(loop)
                .maxInboundMessageSize(AdsSettings.MAX_MESSAGE_BYTES)
                .keepAliveTime(settings.keepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(settings.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .disableRetry()
                .build();
    }

    private ChannelCredentials credentials(Security security) {
        if (security instanceof Security.Tls secured) {
            // Less than the time for the whole connection, so that it is said what was awaited.
            return MeshTlsCredentials.of(
                    tls.apply(secured.settings()), settings.connectTimeout().dividedBy(2));
        }
        if (security instanceof Security.Unsupported unsupported) {
            throw new IllegalStateException(
                    unsupported.what() + " is not supported, and the connection must not be open");
        }
        return InsecureChannelCredentials.create();
    }

    private <Q extends Message, R extends Message> AdsStream start(
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
            CallOptions options = server.token() == null
                    ? CallOptions.DEFAULT
                    : CallOptions.DEFAULT.withCallCredentials(new TokenCredentials(server.token()));
            ClientCall<Q, R> call = channel.newCall(method, options);
            call.start(new Responses<>(channel, call, service, typeUrl, listener), metadata);
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
        private final DiscoveryService service;
        private final Function<R, String> typeUrl;
        private final Listener listener;

        Responses(
                ManagedChannel channel,
                ClientCall<?, R> call,
                DiscoveryService service,
                Function<R, String> typeUrl,
                Listener listener) {
            this.channel = channel;
            this.call = call;
            this.service = service;
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
            listener.ended(EndReason.of(status, service));
        }
    }
}
