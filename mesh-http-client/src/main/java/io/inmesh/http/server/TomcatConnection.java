package io.inmesh.http.server;

import io.inmesh.inbound.InboundConnection;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.apache.tomcat.util.net.SSLSupport;
import org.jspecify.annotations.Nullable;

/**
 * What Tomcat's requests know of their connection: it is the one object of a connection that Tomcat hands to each of them, over HTTP/1.1 and HTTP/2. In the clear it
 * answers every question about TLS with null.
 */
final class TomcatConnection implements SSLSupport {
    private final ServedConnection served;
    private final @Nullable SSLSession session;
    private final X509Certificate @Nullable [] peer;

    TomcatConnection(ServedConnection served, @Nullable SSLSession session) {
        this.served = served;
        this.session = session;
        this.peer = session == null || !served.peerVerified() ? null : peer(session);
    }

    ServedConnection served() {
        return served;
    }

    /** For its requests. */
    InboundConnection inbound() {
        InboundConnection inbound = served.inbound();
        if (inbound == null) {
            throw new IllegalStateException("a request came before its connection was accepted");
        }
        return inbound;
    }

    private static X509Certificate @Nullable [] peer(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            X509Certificate[] certificates = new X509Certificate[chain.length];
            for (int i = 0; i < chain.length; i++) {
                if (!(chain[i] instanceof X509Certificate certificate)) {
                    return null;
                }
                certificates[i] = certificate;
            }
            return certificates;
        } catch (SSLPeerUnverifiedException e) {
            return null; // it showed none
        }
    }

    @Override
    public @Nullable String getCipherSuite() {
        return session == null ? null : session.getCipherSuite();
    }

    @Override
    public X509Certificate @Nullable [] getPeerCertificateChain() {
        return peer == null ? null : peer.clone();
    }

    @Override
    public @Nullable Integer getKeySize() {
        return null;
    }

    @Override
    public @Nullable String getSessionId() {
        return session == null ? null : HexFormat.of().formatHex(session.getId());
    }

    @Override
    public @Nullable String getProtocol() {
        return session == null ? null : session.getProtocol();
    }

    @Override
    public @Nullable String getRequestedProtocols() {
        return null;
    }

    @Override
    public @Nullable String getRequestedCiphers() {
        return null;
    }
}
