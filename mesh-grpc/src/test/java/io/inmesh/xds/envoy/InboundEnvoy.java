package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Asks Envoy what becomes of connections, and builds the listeners for it. */
final class InboundEnvoy implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final EnvoyProcess envoy;

    InboundEnvoy(Path binary, List<Listener> listeners) {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap.getStaticResourcesBuilder().addAllListeners(listeners);
        envoy = EnvoyProcess.start(binary, bootstrap.build());
    }

    /** A connection manager that answers everything with its name, and tells in headers what it saw. */
    static Filter answering(String name, HttpConnectionManager rules, String... formats) {
        Route.Builder route = Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                .setDirectResponse(DirectResponseAction.newBuilder()
                        .setStatus(200)
                        .setBody(DataSource.newBuilder().setInlineString(name)));
        for (int i = 0; i < formats.length; i += 2) {
            route.addResponseHeadersToAdd(HeaderValueOption.newBuilder()
                    .setHeader(HeaderValue.newBuilder().setKey(formats[i]).setValue(formats[i + 1])));
        }
        HttpConnectionManager http = rules.toBuilder()
                .setStatPrefix("inbound")
                .setRouteConfig(RouteConfiguration.newBuilder()
                        .setName("routes")
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName("all")
                                .addDomains("*")
                                .addRoutes(route)))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        return Filter.newBuilder()
                .setName("http")
                .setTypedConfig(Any.pack(http))
                .build();
    }

    static TransportSocket tls(X509Bundle server, @Nullable X509Bundle clients) {
        CommonTlsContext.Builder common = CommonTlsContext.newBuilder()
                .addTlsCertificates(TlsCertificate.newBuilder()
                        .setCertificateChain(text(server.getCertificatePathPEM()))
                        .setPrivateKey(text(server.getPrivateKeyPEM())));
        if (clients != null) {
            common.setValidationContext(
                    CertificateValidationContext.newBuilder().setTrustedCa(text(clients.getCertificatePEM())));
        }
        return TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(Any.pack(DownstreamTlsContext.newBuilder()
                        .setCommonTlsContext(common)
                        .build()))
                .build();
    }

    private static DataSource text(String text) {
        return DataSource.newBuilder().setInlineString(text).build();
    }

    /** A plain connection from an address and a port, of which 0 is any. */
    static Socket plain(int port, String source, int sourcePort) throws IOException {
        Socket socket = new Socket();
        socket.setReuseAddress(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.bind(new InetSocketAddress(source, sourcePort));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    /** TLS over a connection; the handshake comes with the first byte. */
    static SSLSocket secure(Socket plain, String serverName, List<String> alpn, @Nullable X509Bundle client)
            throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = null;
        if (client != null) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("client", client.getKeyPair().getPrivate(), new char[0], client.getCertificatePath());
            keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
        }
        context.init(keys == null ? null : keys.getKeyManagers(), new TrustManager[] {new TrustsAll()}, null);
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName)));
        parameters.setApplicationProtocols(alpn.toArray(String[]::new));
        socket.setSSLParameters(parameters);
        return socket;
    }

    /** Everything that comes back for a request, up to the end of a body with a length; what came so far if the connection is closed. */
    static String ask(Socket socket, String head) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                bytes.write(next);
                if (isWhole(bytes)) {
                    break;
                }
            }
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException closed) {
            // As if it had ended.
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static boolean isWhole(ByteArrayOutputStream bytes) {
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        String length = header(text, "content-length");
        return text.length() >= end + 4 + (length == null ? 0 : Integer.parseInt(length));
    }

    /** A header of a response, or null. */
    static @Nullable String header(String response, String name) {
        int at = response.indexOf("\r\n" + name + ": ");
        return at < 0 ? null : response.substring(at + name.length() + 4, response.indexOf("\r\n", at + 2));
    }

    @Override
    public void close() {
        envoy.close();
    }

    /** The test knows to whom it talks. */
    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
