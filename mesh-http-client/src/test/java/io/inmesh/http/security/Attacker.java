package io.inmesh.http.security;

import io.inmesh.http.server.RawClient;
import io.inmesh.http.testing.Http2Peer;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Connections of a peer that believes whatever it is shown, follows no rotation and keeps to no rule: the JDK's TLS, and bytes by hand. */
final class Attacker {
    private final int port;
    private final SSLContext context;

    /** Shows a certificate, or none. */
    Attacker(int port, @Nullable X509Bundle identity) throws Exception {
        this.port = port;
        context = SSLContext.getInstance("TLS");
        KeyManager[] keys = {};
        if (identity != null) {
            char[] password = "password".toCharArray();
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(identity.toKeyStore(password), password);
            keys = factory.getKeyManagers();
        }
        context.init(keys, new TrustManager[] {new Believer()}, new SecureRandom());
    }

    /** For clients that make connections themselves. */
    SSLContext context() {
        return context;
    }

    /** A connection whose handshake this side believes to be done. */
    SSLSocket connect(String... alpn) throws Exception {
        SSLParameters parameters = new SSLParameters();
        parameters.setApplicationProtocols(alpn);
        return connect(parameters);
    }

    SSLSocket connect(SSLParameters parameters) throws Exception {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        try {
            socket.setSoTimeout(60_000);
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (Exception e) {
            socket.close();
            throw e;
        }
    }

    RawClient http1() throws Exception {
        return new RawClient(connect("http/1.1"));
    }

    Http2Peer http2() throws Exception {
        return Http2Peer.client(connect("h2"));
    }

    /** In the clear. */
    Socket clear() throws Exception {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(60_000);
        return socket;
    }

    static String get(String target, String... fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: shop\r\n" + String.join("\r\n", fields)
                + (fields.length == 0 ? "\r\n" : "\r\n\r\n");
    }

    private static final class Believer extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
