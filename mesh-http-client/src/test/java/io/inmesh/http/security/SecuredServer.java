package io.inmesh.http.security;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.Mesh;
import io.inmesh.http.server.NettyTestServer;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.inbound.InboundPort;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.InboundListener;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.ServerTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.testing.ControlPlane;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A server on Netty whose mesh is configured by a control plane: its own certificate and the roots that it trusts are secrets of the stream. */
final class SecuredServer implements AutoCloseable {
    static final String NAME = "spiffe://cluster.local/ns/shop/sa/server";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final ControlPlane controlPlane = ControlPlane.start();
    final SeenApplication application = new SeenApplication();
    final Mesh mesh;
    final MeshTls tls;
    private final InboundPort inbound;
    private final NettyTestServer server;
    private final Listener listener;

    private SecuredServer(Listener listener, TlsOptions options, List<Message> secrets) throws Exception {
        this.listener = listener;
        set(secrets.toArray(Message[]::new));
        mesh = Mesh.builder()
                .source(XdsSource.builder()
                        .server(controlPlane.target())
                        .node("server", "tests")
                        .dialect(XdsDialect.envoy())
                        .build())
                .build();
        tls = MeshTls.create(mesh.secrets(), options);
        inbound = mesh.inbound().port(new BoundAddress("127.0.0.1", Configuration.PORT));
        inbound.awaitReady(PATIENCE);
        server = NettyTestServer.start(0, inbound, tls, application);
    }

    static SecuredServer start(Listener listener, X509Bundle root) throws Exception {
        return start(listener, TlsOptions.DEFAULT, TestSecrets.identity(root, NAME), root);
    }

    static SecuredServer start(Listener listener, TlsOptions options, X509Bundle own, X509Bundle... roots)
            throws Exception {
        return new SecuredServer(listener, options, List.of(Configuration.own(own), Configuration.roots(roots)));
    }

    /** Puts these secrets in the place of those before. */
    void set(Message... secrets) {
        List<Message> all = new ArrayList<>(List.of(listener, Configuration.application()));
        all.addAll(List.of(secrets));
        controlPlane.set(all.toArray(Message[]::new));
    }

    /** The TLS that its first chain speaks. */
    ServerTls chainTls() {
        // Ports have a snapshot just before the mesh itself shows it.
        await().pollDelay(Duration.ZERO).until(() -> mesh.snapshot().inbound().containsKey("in"));
        InboundListener served =
                Objects.requireNonNull(mesh.snapshot().inbound().get("in"));
        DownstreamTls settings = Objects.requireNonNull(served.chains().get(0).tls());
        return tls.server(settings);
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
        inbound.close();
        mesh.close();
        tls.close();
        controlPlane.close();
    }
}
