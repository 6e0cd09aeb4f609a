package io.inmesh.http.wire;

import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.UpstreamTls;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import io.inmesh.outbound.UpstreamTarget.ToHost;
import io.inmesh.transport.ClientTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Mesh TLS with a host of a cluster: the names that go with it, and the protocols that are offered. */
final class HostTls implements ChannelTls {
    private final ClientTls tls;
    private final String serverName;
    private final List<String> allowedNames;
    private final @Nullable List<String> alpn;

    HostTls(ClientTls tls, ToHost target) {
        UpstreamTls settings = tls.settings();
        RequestTls request = target.tls();
        String hostname = target.host().endpoint().hostname();
        this.tls = tls;
        if (request != null && request.serverName() != null) {
            this.serverName = request.serverName();
        } else {
            this.serverName = settings.autoHostSni() && hostname != null ? hostname : settings.sni();
        }
        if (request != null && !request.allowedNames().isEmpty()) {
            this.allowedNames = request.allowedNames();
        } else {
            this.allowedNames =
                    settings.autoSniSanValidation() && !serverName.isEmpty() ? List.of(serverName) : List.of();
        }
        if (request != null && !request.alpn().isEmpty()) {
            this.alpn = request.alpn();
        } else {
            this.alpn = settings.common().alpn().isEmpty()
                    ? offered(target.cluster().configuration().http().version(), target.callerVersion())
                    : null;
        }
    }

    /** Envoy's {@code wrapTransportSocketOptions}: where the settings offer no protocol, those of the pool are offered. */
    private static List<String> offered(HttpVersion configured, HttpVersion caller) {
        return switch (configured == HttpVersion.AS_CALLER ? caller : configured) {
            case HTTP_2 -> List.of("h2");
            case ALPN -> List.of("h2", "http/1.1");
            case HTTP_1, AS_CALLER -> List.of("http/1.1");
        };
    }

    @Override
    public Runnable whenReady(Executor loop, Consumer<@Nullable String> ready) {
        return tls.whenReady(loop, ready);
    }

    @Override
    public @Nullable String awaited() {
        return tls.awaited();
    }

    @Override
    public SslHandler newHandler(ByteBufAllocator allocator) throws SSLException {
        SslHandler handler = tls.newHandler(allocator, serverName, alpn, allowedNames);
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }

    @Override
    public long generation() {
        return tls.generation();
    }

    @Override
    public boolean isOutdated(long generation) {
        return tls.isOutdated(generation);
    }
}
