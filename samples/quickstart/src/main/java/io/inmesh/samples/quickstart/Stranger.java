package io.inmesh.samples.quickstart;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Somebody outside of the mesh who knocks at a server's port.
 *
 * @param description of who it is
 * @param tls         with what it comes, or null if it comes in the clear
 */
record Stranger(String description, @Nullable SSLContext tls) {
    private static final String REQUEST = "GET /orders/7 HTTP/1.1\r\nHost: orders\r\n\r\n";
    private static final int PATIENCE_MILLIS = 20_000;

    static Stranger inTheClear() {
        return new Stranger("somebody in the clear", null);
    }

    static Stranger withoutCertificate(Authority trusted) throws Exception {
        return new Stranger("somebody without a certificate", context(trusted, new KeyManager[0]));
    }

    static Stranger with(String description, X509Bundle certificate, Authority trusted) throws Exception {
        return new Stranger(description, context(trusted, new KeyManager[] {new OneCertificate(certificate)}));
    }

    private static SSLContext context(Authority trusted, KeyManager[] keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManager[] roots = trusted.root().toTrustManagerFactory().getTrustManagers();
        context.init(keys, roots, new SecureRandom());
        return context;
    }

    /**
     * How the server turned it away; null if it did not.
     *
     * @throws IOException if there is no server
     */
    @Nullable
    String knock(InetSocketAddress address) throws IOException {
        try (Socket socket = connect(address)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            return ask(socket);
        }
    }

    private static @Nullable String ask(Socket socket) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            String answer = new String(in.readNBytes(5), StandardCharsets.ISO_8859_1);
            return answer.equals("HTTP/") ? null : "the connection is closed";
        } catch (SocketTimeoutException e) {
            return null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private Socket connect(InetSocketAddress address) throws IOException {
        return tls == null
                ? new Socket(address.getAddress(), address.getPort())
                : tls.getSocketFactory().createSocket(address.getAddress(), address.getPort());
    }
}
