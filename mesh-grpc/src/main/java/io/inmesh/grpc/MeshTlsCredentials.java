package io.inmesh.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyChannelCredentials;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.inmesh.transport.ClientTls;
import io.netty.channel.ChannelHandler;
import io.netty.util.AsciiString;
import java.time.Duration;

/**
 * gRPC channel credentials whose TLS is the mesh's: secrets of this moment for each connection, any text as server name, BoringSSL. gRPC knows the
 * connection as private and whole, so call credentials that ask for it are applied.
 *
 * <p>gRPC's own TLS fails unless the server chooses {@code h2} by ALPN; this one offers it and takes a server that chooses nothing.
 */
public final class MeshTlsCredentials {
    private static final int HTTPS = 443;

    private MeshTlsCredentials() {}

    /**
     * Credentials for any number of channels to one server.
     *
     * @param patience how long a connection that is up waits for secrets that are not there yet
     */
    public static ChannelCredentials of(ClientTls tls, Duration patience) {
        return InternalNettyChannelCredentials.create(new InternalProtocolNegotiator.ClientFactory() {
            @Override
            public InternalProtocolNegotiator.ProtocolNegotiator newNegotiator() {
                return new Negotiator(tls, patience);
            }

            @Override
            public int getDefaultPort() {
                return HTTPS;
            }
        });
    }

    private record Negotiator(ClientTls tls, Duration patience)
            implements InternalProtocolNegotiator.ProtocolNegotiator {
        private static final AsciiString SCHEME = AsciiString.of("https");

        @Override
        public AsciiString scheme() {
            return SCHEME;
        }

        @Override
        public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http2) {
            ChannelHandler next = InternalProtocolNegotiators.grpcNegotiationHandler(http2);
            return InternalProtocolNegotiators.waitUntilActiveHandler(
                    new ClientTlsNegotiation(next, http2.getNegotiationLogger(), tls, patience),
                    http2.getNegotiationLogger());
        }

        @Override
        public void close() {}
    }
}
