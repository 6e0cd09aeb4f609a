package io.inmesh.http.server;

import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Where the JDK's server gets its engines. */
final class JdkEngines extends SSLContextSpi {
    private final ServedPort port;
    private final InetSocketAddress local;
    private final SSLSession none;

    private JdkEngines(ServedPort port, InetSocketAddress local, SSLSession none) {
        this.port = port;
        this.local = local;
        this.none = none;
    }

    /**
     * Of a bound port.
     *
     * @param local where all its connections come to
     */
    static SSLContext context(ServedPort port, InetSocketAddress local) {
        try {
            SSLContext bare = SSLContext.getInstance("TLS");
            bare.init(new KeyManager[0], new TrustManager[0], null);
            SSLSession none = bare.createSSLEngine().getSession();
            return new SSLContext(new JdkEngines(port, local, none), bare.getProvider(), "TLS") {};
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no TLS", e);
        }
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return new JdkEngine(port, local, none);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int ofCaller) {
        return engineCreateSSLEngine();
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random) {
        throw new UnsupportedOperationException("keys and roots are the mesh's");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        throw new UnsupportedOperationException("engines only");
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        throw new UnsupportedOperationException("engines only");
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        throw new UnsupportedOperationException("each filter chain has its own sessions");
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        throw new UnsupportedOperationException("this is a server");
    }
}
