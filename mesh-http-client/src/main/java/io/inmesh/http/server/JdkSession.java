package io.inmesh.http.server;

import java.security.Principal;
import java.security.cert.Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/** The session of one connection, which knows its connection: the way from an exchange of the JDK's server to what the mesh knows. A session itself may be resumed by others. */
final class JdkSession implements SSLSession {
    private final SSLSession session;
    private final ServedConnection connection;

    JdkSession(SSLSession session, ServedConnection connection) {
        this.session = session;
        this.connection = connection;
    }

    ServedConnection connection() {
        return connection;
    }

    @Override
    public byte[] getId() {
        return session.getId();
    }

    @Override
    public SSLSessionContext getSessionContext() {
        return session.getSessionContext();
    }

    @Override
    public long getCreationTime() {
        return session.getCreationTime();
    }

    @Override
    public long getLastAccessedTime() {
        return session.getLastAccessedTime();
    }

    @Override
    public void invalidate() {
        session.invalidate();
    }

    @Override
    public boolean isValid() {
        return session.isValid();
    }

    @Override
    public void putValue(String name, Object value) {
        session.putValue(name, value);
    }

    @Override
    public Object getValue(String name) {
        return session.getValue(name);
    }

    @Override
    public void removeValue(String name) {
        session.removeValue(name);
    }

    @Override
    public String[] getValueNames() {
        return session.getValueNames();
    }

    @Override
    public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
        requireVerified();
        return session.getPeerCertificates();
    }

    @Override
    public Certificate @Nullable [] getLocalCertificates() {
        return session.getLocalCertificates();
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
        requireVerified();
        return session.getPeerPrincipal();
    }

    /** A certificate that the mesh has taken without being able to verify it is nobody's. */
    private void requireVerified() throws SSLPeerUnverifiedException {
        if (!connection.peerVerified()) {
            throw new SSLPeerUnverifiedException("the mesh has not verified the peer's certificate");
        }
    }

    @Override
    public Principal getLocalPrincipal() {
        return session.getLocalPrincipal();
    }

    @Override
    public String getCipherSuite() {
        return session.getCipherSuite();
    }

    @Override
    public String getProtocol() {
        return session.getProtocol();
    }

    @Override
    public String getPeerHost() {
        return session.getPeerHost();
    }

    @Override
    public int getPeerPort() {
        return session.getPeerPort();
    }

    @Override
    public int getPacketBufferSize() {
        return session.getPacketBufferSize();
    }

    @Override
    public int getApplicationBufferSize() {
        return session.getApplicationBufferSize();
    }
}
