package io.inmesh.xds.envoy;

import io.inmesh.exchange.PeerCertificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who connects.
 *
 * @param source     the address to connect from
 * @param listener   the listener to connect to
 * @param serverName SNI, or empty for none
 * @param keys       the client's certificate, or null for none
 * @param peer       the same as policies see it
 */
record Caller(
        String source,
        String listener,
        String serverName,
        @Nullable X509Bundle keys,
        @Nullable PeerCertificate peer) {
    static final List<String> URIS =
            List.of("spiffe://mesh/ns/a/sa/web", "spiffe://mesh/ns/b/sa/api", "kuma://kuma.io/service/api");
    static final List<String> DNS_NAMES = List.of("api.mesh", "deep.api.mesh", "web.mesh");
    static final List<String> SUBJECTS =
            List.of("CN=web", "CN=api,O=Acme", "CN=web.mesh,OU=Team,O=Acme,C=DE", "CN=spiffe://mesh/ns/a/sa/web");
    static final List<String> SERVER_NAMES = List.of("a.test", "outbound.b.test");

    /** In the clear from several addresses to several, and by TLS with several certificates and with none. */
    static List<Caller> all(X509Bundle authority) {
        List<Caller> callers = new ArrayList<>();
        for (String source : List.of("127.0.0.1", "127.0.0.2", "127.1.0.1")) {
            callers.add(new Caller(source, RbacEnvoy.PLAIN, "", null, null));
        }
        callers.add(new Caller("127.0.0.2", RbacEnvoy.PLAIN_ELSEWHERE, "", null, null));
        callers.add(new Caller("127.0.0.1", RbacEnvoy.TLS, "", null, null));
        callers.add(new Caller("127.0.0.2", RbacEnvoy.TLS, "A.Test", null, null));
        callers.add(with(authority, URIS.subList(0, 1), List.of(), SUBJECTS.get(0), SERVER_NAMES.get(0)));
        callers.add(with(authority, URIS.subList(1, 3), DNS_NAMES.subList(0, 2), SUBJECTS.get(1), ""));
        callers.add(with(authority, URIS, List.of(), SUBJECTS.get(1), "OUTBOUND.B.TEST"));
        callers.add(with(authority, List.of(), DNS_NAMES.subList(2, 3), SUBJECTS.get(2), SERVER_NAMES.get(1)));
        callers.add(with(authority, List.of(), List.of(), SUBJECTS.get(3), ""));
        return callers;
    }

    private static Caller with(
            X509Bundle authority, List<String> uris, List<String> dnsNames, String subject, String serverName) {
        try {
            CertificateBuilder builder = new CertificateBuilder().ecp256().subject(subject);
            for (String uri : uris) {
                builder.addSanUriName(uri);
            }
            dnsNames.forEach(builder::addSanDnsName);
            return new Caller(
                    "127.0.0.1",
                    RbacEnvoy.TLS,
                    serverName,
                    builder.buildIssuedBy(authority),
                    new PeerCertificate(uris, dnsNames, List.of(), subject, "CN=ca", "", "", "", "", true));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    boolean encrypted() {
        return listener.equals(RbacEnvoy.TLS);
    }

    /** A connection, its handshake done. */
    Socket connect(InetSocketAddress address, X509Bundle authority) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.getByName(source), 0));
        socket.connect(address);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        return encrypted() ? secured(socket, authority) : socket;
    }

    private Socket secured(Socket plain, X509Bundle authority) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys == null ? null : keys.toKeyManagerFactory().getKeyManagers(),
                    authority.toTrustManagerFactory().getTrustManagers(),
                    null);
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, source, plain.getPort(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    @Override
    public String toString() {
        return source + " to " + listener + (serverName.isEmpty() ? "" : ", SNI " + serverName)
                + (peer == null
                        ? ", no certificate"
                        : ", " + peer.uris() + " " + peer.dnsNames() + " " + peer.subject());
    }
}
