package io.inmesh.http.server;

import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundPort;
import io.inmesh.transport.MeshTls;
import org.apache.coyote.Adapter;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.jspecify.annotations.Nullable;

/**
 * A connector of Tomcat in the mesh: {@code new Connector(new MeshTomcatProtocol().mesh(listeners, tls))}, or by its class name where something else makes the connector,
 * and {@link #mesh} before that starts. Neither {@code SSLEnabled} nor an {@code SSLHostConfig} is set on it: the control plane decides for each connection whether there
 * is TLS, on one port, and with which secrets; so it has TLS and HTTP in the clear, HTTP/1.1 and HTTP/2 by ALPN, by prior knowledge and by upgrade.
 *
 * <p>Policies look at a request before Tomcat maps it to a host, a context and a servlet, so the path that they allow is the path that is served; one that Tomcat would
 * read otherwise than they did is answered 400. They have the response before it is committed, the error pages of Tomcat included. The application sees the request as
 * the mesh made it, {@link MeshServletFilter#CONNECTION} and {@link MeshServletFilter#PRINCIPAL} among its attributes.
 *
 * <p>When the mesh wants a connection to end because its filter chain is gone, HTTP/1.1 ends after the next response and HTTP/2 gets a {@code GOAWAY}; what is still open
 * after {@link io.inmesh.inbound.InboundConnection#DRAIN_TIMEOUT} is answered 503, and closed once it is idle.
 */
public final class MeshTomcatProtocol extends Http11NioProtocol {
    private static final String UPGRADE = "h2c";

    private final TomcatEndpoint endpoint;

    /** A protocol that is to be told of its {@link #mesh}. */
    public MeshTomcatProtocol() {
        this(new TomcatEndpoint());
    }

    private MeshTomcatProtocol(TomcatEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    /**
     * Whose connections these are; called once, before it starts.
     *
     * @param listeners {@code Mesh.inbound()}
     * @param tls       makes the engines
     */
    public MeshTomcatProtocol mesh(InboundListeners listeners, MeshTls tls) {
        endpoint.mesh(listeners, tls);
        return this;
    }

    /** What happens to its connections, to wait for configuration and for the status; null while it is not started. */
    public @Nullable InboundPort port() {
        return endpoint.port();
    }

    @Override
    public void init() throws Exception {
        if (findUpgradeProtocols().length == 0) {
            addUpgradeProtocol(new Http2Protocol());
        }
        super.init();
    }

    /** An HTTP/2 protocol is told not to compare {@code :scheme} with the connector's TLS, which is a matter of each connection here. */
    @Override
    public void addUpgradeProtocol(UpgradeProtocol upgradeProtocol) {
        if (upgradeProtocol instanceof Http2Protocol http2) {
            http2.setAllowSchemeMismatch(true);
        }
        super.addUpgradeProtocol(upgradeProtocol);
    }

    /** Tomcat knows HTTP/2 by {@code h2c} only, as on every port without {@code SSLEnabled}. */
    @Override
    public @Nullable UpgradeProtocol getNegotiatedProtocol(String negotiatedName) {
        return negotiatedName.equals("h2") ? getUpgradeProtocol(UPGRADE) : null;
    }

    @Override
    public @Nullable UpgradeProtocol getUpgradeProtocol(String upgradedName) {
        UpgradeProtocol known = super.getUpgradeProtocol(upgradedName);
        return known == null ? null : new TomcatUpgrade(known, endpoint);
    }

    @Override
    public void setAdapter(Adapter adapter) {
        super.setAdapter(new TomcatAdapter(adapter));
    }
}
