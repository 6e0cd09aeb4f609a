package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.testing.Http2Peer;
import io.inmesh.http.testing.Http2Peer.Frame;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.envoy.EnvoyProcess;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request in HTTP/2 whose head is enough to refuse it, and whose body has only begun. */
@Timeout(120)
@ExtendWith(LeakWatch.class)
class RefusedBodyTest {
    private static final String NOBODY = Configuration.rbac("action: ALLOW, policies: {}");

    private final X509Bundle root = TestSecrets.root("mesh");
    private SecuredServer server;

    @BeforeEach
    void start() throws Exception {
        server = SecuredServer.start(Configuration.server("", NOBODY), root);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 60_000, 300_000, 8 << 20})
    void jdkClient_getsTheRefusal(int length) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(new Attacker(server.port(), SecuredClient.identity(root)).context())
                .build();
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/a"))
                        .POST(BodyPublishers.ofByteArray(new byte[length]))
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.body()).isEqualTo("RBAC: access denied");
        assertThat(server.application.requests).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 60_000, 300_000, 8 << 20})
    void meshClient_getsTheRefusal(int length) throws Exception {
        try (SecuredClient client =
                new SecuredClient(server.port(), TlsOptions.DEFAULT, SecuredClient.identity(root), root)) {
            HttpResponse<String> response = client.http.send(
                    HttpRequest.newBuilder(SecuredClient.uri(2, "/a"))
                            .POST(BodyPublishers.ofByteArray(new byte[length]))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(response.body()).isEqualTo("RBAC: access denied");
        }
    }

    @Test
    void rest_thatNeverComes_isNotWaitedForForever() throws Exception {
        Http2Peer client = new Attacker(server.port(), SecuredClient.identity(root)).http2();

        assertThat(refused(client)).containsExactly("HEADERS", "DATA end", "RST_STREAM 0");
    }

    @Test
    void envoy_sendsTheSameFrames() throws Exception {
        try (EnvoyProcess envoy = EnvoyProcess.start(
                EnvoyProcess.binaryOrSkip(), Configuration.bootstrap(Configuration.clearServer(0, "", NOBODY)))) {
            int port = envoy.listenerPorts().getOrDefault("in", 0);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(60_000);
                assertThat(refused(Http2Peer.client(socket))).containsExactly("HEADERS", "DATA end", "RST_STREAM 0");
            }
        }
    }

    private static List<String> refused(Http2Peer client) throws Exception {
        client.headers(1, false, ":method", "POST", ":scheme", "https", ":authority", "shop", ":path", "/a");
        client.data(1, false, new byte[100]);
        List<String> frames = new ArrayList<>();
        while (frames.isEmpty() || !frames.get(frames.size() - 1).startsWith("RST_STREAM")) {
            Frame frame = client.next();
            if (frame.streamId() == 1 && frame.type() != Http2Peer.WINDOW_UPDATE) {
                frames.add(
                        switch (frame.type()) {
                            case Http2Peer.HEADERS -> "HEADERS" + (frame.endsStream() ? " end" : "");
                            case Http2Peer.DATA -> "DATA" + (frame.endsStream() ? " end" : "");
                            case Http2Peer.RST_STREAM -> "RST_STREAM " + frame.number();
                            default -> "type " + frame.type();
                        });
            }
        }
        return frames;
    }
}
