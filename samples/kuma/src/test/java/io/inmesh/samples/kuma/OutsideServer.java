package io.inmesh.samples.kuma;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;

/** Something that no mesh knows, once in the clear and once with TLS. It says which of both a request came by. */
final class OutsideServer implements AutoCloseable {
    static final String ADDRESS = "127.0.4.99";
    static final String NAME = "outside.example";

    private final X509Bundle certificate;
    private final HttpServer plain;
    private final HttpsServer secure;

    private OutsideServer(X509Bundle certificate, HttpServer plain, HttpsServer secure) {
        this.certificate = certificate;
        this.plain = plain;
        this.secure = secure;
    }

    static OutsideServer start() throws Exception {
        Instant now = Instant.now();
        X509Bundle certificate = new CertificateBuilder()
                .ecp256()
                .subject("CN=" + NAME)
                .setIsCertificateAuthority(true)
                .addSanDnsName(NAME)
                .notBefore(now.minus(Duration.ofMinutes(1)))
                .notAfter(now.plus(Duration.ofHours(1)))
                .buildSelfSigned();
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(certificate.toKeyManagerFactory().getKeyManagers(), null, null);
        HttpServer plain = HttpServer.create(new InetSocketAddress(ADDRESS, 0), 0);
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(ADDRESS, 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(tls));
        for (HttpServer each : new HttpServer[] {plain, secure}) {
            each.createContext("/", OutsideServer::answer);
            each.start();
        }
        return new OutsideServer(certificate, plain, secure);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String text = exchange instanceof HttpsExchange by
                ? "by " + by.getSSLSession().getProtocol()
                : "in the clear";
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    int port() {
        return plain.getAddress().getPort();
    }

    int securePort() {
        return secure.getAddress().getPort();
    }

    /** The root of its certificate. */
    String root() {
        return certificate.getCertificatePEM();
    }

    @Override
    public void close() {
        plain.stop(0);
        secure.stop(0);
    }
}
