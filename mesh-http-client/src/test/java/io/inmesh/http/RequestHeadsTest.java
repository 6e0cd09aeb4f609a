package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.Mesh;
import io.inmesh.exchange.RequestHead;
import io.inmesh.http.testing.HostileServer;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is on the wire, and what is refused before it gets there. */
@Timeout(180)
class RequestHeadsTest {

    static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of("POST", BodyPublishers.noBody()),
                Arguments.of("PUT", BodyPublishers.ofString("")),
                Arguments.of("POST", BodyPublishers.ofString("text")),
                Arguments.of("PATCH", BodyPublishers.fromPublisher(BodyPublishers.ofString("text"), 4)),
                Arguments.of("POST", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[] {1, 2}))));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void send_body_isAnnouncedAsByTheJdk(String method, BodyPublisher body) throws Exception {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        try (HostileServer server = HostileServer.start(peer -> {
                    heads.add(peer.readHead());
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                });
                Mesh mesh = new FixedSource().passthrough("127.0.0.1").mesh();
                MeshHttpClient meshed = MeshHttpClient.create(mesh)) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + server.authority() + "/a?b"))
                    .version(Version.HTTP_1_1)
                    .header("X-Own", "1")
                    .method(method, body)
                    .build();
            HttpClient.newHttpClient().send(request, BodyHandlers.discarding());
            List<String> expected = lines(heads.poll(60, TimeUnit.SECONDS));
            meshed.send(request, BodyHandlers.discarding());
            assertThat(lines(heads.poll(60, TimeUnit.SECONDS))).isEqualTo(expected);
        }
    }

    @Test
    void of_request_hasHostPortAndPath() {
        assertThat(head("http://a.example").authority()).isEqualTo("a.example");
        assertThat(head("http://a.example:80").authority()).isEqualTo("a.example");
        assertThat(head("http://a.example:81").authority()).isEqualTo("a.example:81");
        assertThat(head("https://a.example:443").authority()).isEqualTo("a.example");
        assertThat(head("http://[::1]:81/").authority()).isEqualTo("[::1]:81");
        assertThat(head("http://a.example").path()).isEqualTo("/");
        assertThat(head("http://a.example?x=1").path()).isEqualTo("/?x=1");
        assertThat(head("http://a.example/\u00e4#f").path()).isEqualTo("/%C3%A4");
        assertThat(head("HTTP://a.example/").scheme()).isEqualTo("http");
    }

    @Test
    void of_request_hasTheDefaultUserAgentOnlyIfItHasNone() {
        assertThat(head("http://a.example").headers().get("user-agent")).isEqualTo(RequestHeads.USER_AGENT);
        HttpRequest own = HttpRequest.newBuilder(URI.create("http://a.example"))
                .header("User-Agent", "own")
                .build();
        assertThat(RequestHeads.of(own, null, List.of()).headers().all("user-agent"))
                .containsExactly("own");
    }

    @Test
    void of_cookiesFromBothSides_areOneField() {
        HttpRequest own = HttpRequest.newBuilder(URI.create("http://a.example"))
                .header("Cookie", "own=1")
                .build();
        assertThat(RequestHeads.of(own, null, List.of("a=1", "b=2")).headers().all("cookie"))
                .containsExactly("a=1; b=2; own=1");
    }

    @Test
    void check_foreignRequest_isHeldAgainstTheJdksRules() {
        URI fine = URI.create("http://a.example/");
        assertRefused(new Foreign("CONNECT", fine, Map.of(), null), "CONNECT");
        assertRefused(new Foreign("GE T", fine, Map.of(), null), "illegal method");
        assertRefused(new Foreign("GET", URI.create("/relative"), Map.of(), null), "undefined scheme");
        assertRefused(new Foreign("GET", URI.create("ftp://a.example/"), Map.of(), null), "invalid URI scheme");
        assertRefused(new Foreign("GET", URI.create("http://a_b/"), Map.of(), null), "MeshHttpRequest.withAuthority");
        assertRefused(new Foreign("GET", fine, Map.of("a b", List.of("c")), null), "invalid header name");
        assertRefused(new Foreign("GET", fine, Map.of("a", List.of("b\nc")), null), "invalid header value");
        assertRefused(new Foreign("GET", fine, Map.of("Content-Length", List.of("1")), null), "restricted header name");
        assertRefused(new Foreign("GET", fine, Map.of(), Duration.ZERO), "Invalid duration");
        RequestHeads.check(new Foreign("GET", fine, Map.of("X-A", List.of("b")), Duration.ofSeconds(1)));
    }

    @Test
    void withAuthority_badName_isRefused() {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://a.example/x")).build();
        assertThatThrownBy(() -> MeshHttpRequest.withAuthority(request, ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MeshHttpRequest.withAuthority(request, "a/b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a/b");
        MeshHttpRequest twice = MeshHttpRequest.withAuthority(MeshHttpRequest.withAuthority(request, "a_1"), "a_2:81");
        assertThat(RequestHeads.of(twice, null, List.of()).authority()).isEqualTo("a_2:81");
        assertThat(twice.uri()).isEqualTo(request.uri());
    }

    private static void assertRefused(HttpRequest request, String text) {
        assertThatThrownBy(() -> RequestHeads.check(request))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    private static RequestHead head(String uri) {
        return RequestHeads.of(HttpRequest.newBuilder(URI.create(uri)).build(), null, List.of());
    }

    private static List<String> lines(String head) {
        return head.lines()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .filter(line -> !line.startsWith("user-agent:") && !line.startsWith("connection:"))
                .sorted()
                .toList();
    }

    /** A request that no builder of the JDK has made. */
    private static final class Foreign extends HttpRequest {
        private final String method;
        private final URI uri;
        private final Map<String, List<String>> fields;
        private final Optional<Duration> timeout;

        Foreign(
                String method,
                URI uri,
                Map<String, List<String>> fields,
                @org.jspecify.annotations.Nullable Duration timeout) {
            this.method = method;
            this.uri = uri;
            this.fields = fields;
            this.timeout = Optional.ofNullable(timeout);
        }

        @Override
        public Optional<BodyPublisher> bodyPublisher() {
            return Optional.empty();
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public Optional<Duration> timeout() {
            return timeout;
        }

        @Override
        public boolean expectContinue() {
            return false;
        }

        @Override
        public URI uri() {
            return uri;
        }

        @Override
        public Optional<Version> version() {
            return Optional.empty();
        }

        @Override
        public HttpHeaders headers() {
            return HttpHeaders.of(fields, (name, value) -> true);
        }
    }
}
