package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.http.server.RawClient;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections that are not what the server asked for, before there is a request. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HandshakeAbuseTest {
    private final X509Bundle root = TestSecrets.root("mesh");
    private SecuredServer server;
    private Attacker peer;

    @BeforeAll
    void start() throws Exception {
        String http = Configuration.http("", "", Configuration.toApplication());
        String tls = Configuration.mutualTls(
                Configuration.ANY_PEER, "tls_params: {tls_minimum_protocol_version: TLSv1_2}, ");
        server = SecuredServer.start(
                Configuration.inbound("", Configuration.chain("server_names: [shop.example]", tls, http)), root);
        peer = new Attacker(server.port(), SecuredClient.identity(root));
    }

    @AfterAll
    void close() {
        server.close();
    }

    private static SSLParameters named(String serverName) {
        SSLParameters parameters = new SSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(serverName)));
        return parameters;
    }

    @Test
    void serverName_ofTheChain_isServed() throws Exception {
        try (RawClient client = new RawClient(peer.connect(named("shop.example")))) {
            assertThat(client.send(Attacker.get("/")).response().status()).isEqualTo(200);
        }
    }

    @Test
    void serverName_ofNoChain_isRefused() {
        for (String name : List.of("other.example", "xshop.example", "shop.example.evil.example", "a.shop.example")) {
            assertThatThrownBy(() -> peer.connect(named(name))).as(name).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> peer.connect("http/1.1")).isInstanceOf(IOException.class);
    }

    @Test
    void plaintext_toAServerThatInsistsOnTls_isRefused() throws Exception {
        for (String first :
                List.of(Attacker.get("/"), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\0", "SSH-2.0-x\r\n")) {
            int before = server.application.requests.get();
            try (RawClient client = new RawClient(peer.clear())) {
                assertThat(client.send(first).isClosed()).as(first).isTrue();
            }
            assertThat(server.application.requests).hasValue(before);
        }
    }

    @Test
    void version_tooOld_isRefused() {
        for (String version : List.of("TLSv1.1", "TLSv1")) {
            SSLParameters parameters = named("shop.example");
            parameters.setProtocols(new String[] {version});
            assertThatThrownBy(() -> peer.connect(parameters)).as(version).isInstanceOf(IOException.class);
        }
    }

    @Test
    void renegotiation_isRefused() throws Exception {
        SSLParameters parameters = named("shop.example");
        parameters.setProtocols(new String[] {"TLSv1.2"});
        try (SSLSocket socket = peer.connect(parameters)) {
            RawClient client = new RawClient(socket);
            assertThat(client.send(Attacker.get("/a")).response().status()).isEqualTo(200);
            int before = server.application.requests.get();

            assertThatThrownBy(() -> {
                        socket.startHandshake();
                        client.send(Attacker.get("/b")).response();
                    })
                    .isInstanceOf(IOException.class);
            assertThat(server.application.requests).hasValue(before);
        }
    }

    @Test
    void clientHello_byteByByte_isServed() throws Exception {
        try (Dripping dripping = new Dripping(server.port())) {
            try (RawClient client = new RawClient(
                    new Attacker(dripping.port(), SecuredClient.identity(root)).connect(named("shop.example")))) {
                assertThat(client.send(Attacker.get("/")).response().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void clientHello_tooLong_isRefused() throws Exception {
        try (RawClient client = new RawClient(peer.clear())) {
            // Records of a handshake message that says it is 16 MB long.
            String first = "\u0016\u0003\u0001@\0\u0001\u00ff\u00ff\u00ff" + "\0".repeat(0x3ffc);
            String more = "\u0016\u0003\u0001@\0" + "\0".repeat(0x4000);
            boolean closed = false;
            try {
                for (int i = 0; i < 100; i++) {
                    client.send(i == 0 ? first : more);
                }
                closed = client.isClosed();
            } catch (IOException e) {
                closed = true;
            }
            assertThat(closed).isTrue();
        }
    }

    @Test
    void clientHello_thatNeverEnds_isRefusedAfterFifteenSeconds() throws Exception {
        long start = System.nanoTime();
        try (Socket socket = peer.clear()) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0, 1});
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(14), Duration.ofSeconds(25));
    }

    /** A network that carries one byte at a time to the server, as far as the ClientHello is concerned. */
    private static final class Dripping implements AutoCloseable {
        private static final int SINGLY = 600;
        private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final Socket onward;

        Dripping(int port) throws IOException {
            onward = new Socket(InetAddress.getLoopbackAddress(), port);
            onward.setTcpNoDelay(true);
            Thread thread = new Thread(this::run, "dripping");
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return listening.getLocalPort();
        }

        private void run() {
            try (Socket accepted = listening.accept()) {
                Thread back = new Thread(() -> pass(onward, accepted), "dripping-back");
                back.setDaemon(true);
                back.start();
                InputStream in = accepted.getInputStream();
                OutputStream out = onward.getOutputStream();
                for (int i = 0, next = in.read(); next >= 0; next = in.read(), i++) {
                    out.write(next);
                    if (i > SINGLY && in.available() > 0) {
                        out.write(in.readNBytes(in.available()));
                    }
                }
            } catch (IOException ended) {
                return;
            }
        }

        private static void pass(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException ended) {
                return;
            }
        }

        @Override
        public void close() throws IOException {
            onward.close();
            listening.close();
        }
    }
}
