package io.inmesh.http;

import io.inmesh.Mesh;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.http.wire.NettyTransport;
import io.inmesh.http.wire.WireOptions;
import io.inmesh.model.JwtKeys;
import io.inmesh.outbound.CallFacts;
import io.inmesh.outbound.ClusterRoute;
import io.inmesh.outbound.OutboundCall;
import io.inmesh.security.JwksFetcher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gets the keys of JWT providers through the mesh, straight from the cluster that the control plane names: {@code Mesh.builder().jwksFetcher(MeshJwksFetcher::create)}.
 *
 * <p>Thread-safe. Its one event loop has connections of its own.
 */
public final class MeshJwksFetcher implements JwksFetcher {
    private final Mesh mesh;
    private final NettyTransport transport;

    private MeshJwksFetcher(Mesh mesh, NettyTransport transport) {
        this.mesh = mesh;
        this.transport = transport;
    }

    /** A fetcher for one mesh, which closes it. */
    public static MeshJwksFetcher create(Mesh mesh) {
        NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT.withLoops(1));
        mesh.upstreamClusters().addListener(transport);
        return new MeshJwksFetcher(mesh, transport);
    }

    @Override
    public CompletionStage<byte[]> fetch(JwtKeys.Remote source) {
        Download download = new Download(source, transport.next());
        if (!LoopTask.offer(download.loop, download::begin)) {
            download.fail(new IOException("the mesh is closed"));
        }
        return download.result;
    }

    @Override
    public void close() {
        mesh.upstreamClusters().removeListener(transport);
        transport.close();
    }

    /** As Envoy's {@code prepareHeaders}: host and path are the URI's, wherever the request goes. */
    private static RequestHead head(String text) {
        URI uri = URI.create(text);
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new RequestHead(
                "GET",
                uri.getScheme().toLowerCase(Locale.ROOT),
                uri.getRawAuthority().toLowerCase(Locale.ROOT),
                path + query,
                new Headers());
    }

    /** One fetch. Lives on its loop. */
    private final class Download implements OutboundCall.Observer {
        private final JwtKeys.Remote source;
        private final CallLoop loop;
        private final CompletableFuture<byte[]> result = new CompletableFuture<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private @Nullable OutboundCall call;
        private CallLoop.@Nullable Timer timeout;

        Download(JwtKeys.Remote source, CallLoop loop) {
            this.source = source;
            this.loop = loop;
        }

        void begin() {
            ClusterRoute route = new ClusterRoute(source.cluster(), source.timeout(), source.retryPolicy());
            // The route's own limit does not count while there is no configuration.
            timeout = loop.schedule(
                    () -> fail(new IOException("no answer within " + source.timeout())),
                    TimeUnit.NANOSECONDS.convert(source.timeout()));
            call = mesh.newClusterCall(loop, transport, head(source.uri()), route, this);
            call.start();
            if (!result.isDone()) {
                // One more than may come, to notice that there is more.
                call.request(MAX_BYTES + 1L);
            }
        }

        @Override
        public void onHead(ResponseHead head, CallFacts facts) {
            if (head.status() != 200) {
                fail(new IOException("the answer is " + head.status()));
            }
        }

        @Override
        public void onData(ByteBuffer data) {
            if (body.size() + data.remaining() > MAX_BYTES) {
                fail(new IOException("the answer has more than " + MAX_BYTES + " bytes"));
                return;
            }
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            body.writeBytes(piece);
        }

        @Override
        public void onComplete(@Nullable Headers trailers) {
            stopTimeout();
            result.complete(body.toByteArray());
        }

        @Override
        public void onFailure(Throwable cause) {
            stopTimeout();
            result.completeExceptionally(cause);
        }

        private void fail(IOException problem) {
            stopTimeout();
            if (result.completeExceptionally(problem) && call != null) {
                call.cancel();
            }
        }

        private void stopTimeout() {
            if (timeout != null) {
                timeout.cancel();
            }
        }
    }
}
