package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.testing.Http2Peer;
import io.inmesh.http.testing.Http2Peer.Frame;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What RFC 9113 forbids, and what it allows and no client in its right mind does. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2AbuseTest {
    private static final int CONTINUATION = 9;
    private static final int FLOOD = 20_000;

    /** So few that nobody has to read before all are sent. */
    private static final int RESETS = 1_000;

    private final X509Bundle root = TestSecrets.root("mesh");
    private SecuredServer server;
    private Attacker attacker;

    @BeforeAll
    void start() throws Exception {
        server = SecuredServer.start(Configuration.server("", ""), root);
        attacker = new Attacker(server.port(), SecuredClient.identity(root));
    }

    @AfterAll
    void close() {
        server.close();
    }

    static Stream<Arguments> heads() {
        return Stream.of(
                head("no method", ":scheme https :authority shop :path /"),
                head("no path", ":method GET :scheme https :authority shop"),
                head("no scheme", ":method GET :authority shop :path /"),
                head("no authority", ":method GET :scheme https :path /"),
                head("two paths", ":method GET :scheme https :authority shop :path / :path /admin"),
                head("two methods", ":method GET :method POST :scheme https :authority shop :path /"),
                head("two authorities", ":method GET :scheme https :authority shop :authority other :path /"),
                head("host of another", ":method GET :scheme https :authority shop :path / host other"),
                head("a pseudo-header of a response", ":method GET :scheme https :authority shop :path / :status 200"),
                head("an unknown pseudo-header", ":method GET :scheme https :authority shop :path / :secret 1"),
                head("a pseudo-header after a field", ":method GET :scheme https :authority shop x-a 1 :path /"),
                head("capitals in a name", ":method GET :scheme https :authority shop :path / X-A 1"),
                head("connection", ":method GET :scheme https :authority shop :path / connection close"),
                head(
                        "transfer-encoding",
                        ":method POST :scheme https :authority shop :path / transfer-encoding chunked"),
                head("CONNECT", ":method CONNECT :authority shop:80"),
                head("extended CONNECT", ":method CONNECT :protocol websocket :scheme https :authority shop :path /"),
                head("userinfo in the authority", ":method GET :scheme https :authority a@b/c :path /"),
                head("length without a body", ":method POST :scheme https :authority shop :path / content-length 5"),
                head(
                        "two lengths",
                        ":method POST :scheme https :authority shop :path / content-length 0 content-length 5"),
                Arguments.of("NUL in a value", fields(":method GET :scheme https :authority shop :path / x-a", "a\0b")),
                Arguments.of(
                        "LF in a value", fields(":method GET :scheme https :authority shop :path / x-a", "a\nb: c")),
                Arguments.of(
                        "CR LF in a path", fields(":method GET :scheme https :authority shop :path", "/a\r\nb: c")),
                Arguments.of("space in a path", fields(":method GET :scheme https :authority shop :path", "/a b")),
                Arguments.of("fragment in a path", fields(":method GET :scheme https :authority shop :path", "/a#b")),
                Arguments.of("Latin-1 in a path", fields(":method GET :scheme https :authority shop :path", "/\u00e4")),
                Arguments.of("empty path", fields(":method GET :scheme https :authority shop :path", "")));
    }

    private static Arguments head(String name, String fields) {
        return Arguments.of(name, fields.split(" "));
    }

    private static String[] fields(String start, String last) {
        return Stream.concat(Stream.of(start.split(" ")), Stream.of(last)).toArray(String[]::new);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("heads")
    void head_malformed_isRefused(String name, String[] fields) throws Exception {
        int before = server.application.requests.get();
        try (SSLSocket socket = attacker.connect("h2")) {
            Http2Peer client = Http2Peer.client(socket);
            client.headers(1, true, fields);
            client.frame(Http2Peer.PING, 0, 0, new byte[8]);

            assertThat(outcome(client, 1)).isIn("reset", "gone", "400", "404");
        }
        assertThat(server.application.requests).hasValue(before);
    }

    @Test
    void body_longerThanItsLength_isReset() throws Exception {
        try (SSLSocket socket = attacker.connect("h2")) {
            Http2Peer client = Http2Peer.client(socket);
            client.headers(
                    1,
                    false,
                    ":method",
                    "POST",
                    ":scheme",
                    "https",
                    ":authority",
                    "shop",
                    ":path",
                    "/",
                    "content-length",
                    "2");
            client.data(1, true, new byte[5]);

            assertThat(outcome(client, 1)).isIn("reset", "gone", "400");
        }
    }

    @Test
    void continuations_withoutEnd_endTheConnectionBeforeMuchIsKept() throws Exception {
        try (SSLSocket socket = attacker.connect("h2")) {
            Http2Peer client = Http2Peer.client(socket);
            client.frame(Http2Peer.HEADERS, 0, 1, head());
            int sent = flood(() -> client.frame(CONTINUATION, 0, 1, Http2Peer.block("x-a", "a".repeat(1000))));

            assertThat(sent).isLessThan(FLOOD);
        }
    }

    @Test
    void continuations_empty_endTheConnection() throws Exception {
        try (SSLSocket socket = attacker.connect("h2")) {
            Http2Peer client = Http2Peer.client(socket);
            client.frame(Http2Peer.HEADERS, 0, 1, head());
            int sent = flood(() -> client.frame(CONTINUATION, 0, 1));

            assertThat(sent).isLessThan(FLOOD);
        }
    }

    @Test
    void streams_resetAtOnce_endTheConnectionBeforeMuchIsDone() throws Exception {
        int before = server.application.requests.get();
        try (SSLSocket socket = attacker.connect("h2")) {
            Http2Peer client = Http2Peer.client(socket);
            int stream = -1;
            for (int i = 0; i < RESETS; i++) {
                stream += 2;
                // Not ended: one that is answered already costs no more than any other request.
                client.frame(Http2Peer.HEADERS, Http2Peer.END_HEADERS, stream, head());
                client.reset(stream, 8);
            }
            byte[] goAway = client.next(Http2Peer.GOAWAY).payload();
            assertThat(ByteBuffer.wrap(goAway, 4, 4).getInt())
                    .as("ENHANCE_YOUR_CALM")
                    .isEqualTo(11);
        }
        assertThat(server.application.requests.get() - before).isLessThan(RESETS / 2);
    }

    @Test
    void otherConnections_whileOneIsAbused_areServed() throws Exception {
        try (SSLSocket abused = attacker.connect("h2");
                SSLSocket good = attacker.connect("h2")) {
            Http2Peer bad = Http2Peer.client(abused);
            bad.frame(Http2Peer.HEADERS, 0, 1, head());
            flood(() -> bad.frame(CONTINUATION, 0, 1, new byte[100]));
            Http2Peer client = Http2Peer.client(good);
            client.frame(Http2Peer.HEADERS, Http2Peer.END_HEADERS | Http2Peer.END_STREAM, 1, head());

            assertThat(outcome(client, 1)).isEqualTo("200");
        }
    }

    private static byte[] head() throws IOException {
        return Http2Peer.block(":method", "GET", ":scheme", "https", ":authority", "shop", ":path", "/");
    }

    private interface Send {
        void send() throws IOException;
    }

    /** How often it could be sent before the server had enough. */
    private static int flood(Send send) {
        for (int i = 0; i < FLOOD; i++) {
            try {
                send.send();
            } catch (IOException ended) {
                return i;
            }
        }
        return FLOOD;
    }

    /** What became of a stream: its status, {@code reset}, or {@code gone} with its connection. */
    private static String outcome(Http2Peer client, int stream) {
        try {
            while (true) {
                Frame frame = client.next();
                if (frame.type() == Http2Peer.GOAWAY) {
                    return "gone";
                }
                if (frame.streamId() == stream && frame.type() == Http2Peer.RST_STREAM) {
                    return "reset";
                }
                if (frame.streamId() == stream && frame.type() == Http2Peer.HEADERS) {
                    return status(frame.payload());
                }
            }
        } catch (IOException e) {
            return "gone";
        }
    }

    /** The first field of a response, from the static table of HPACK (RFC 7541 appendix A), or as a literal. */
    private static String status(byte[] block) {
        return switch (block[0] & 0xff) {
            case 0x88 -> "200";
            case 0x8c -> "400";
            case 0x8d -> "404";
            default -> "other " + (block[0] & 0xff);
        };
    }
}
