package io.inmesh.http;

import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Request;
import io.inmesh.http.testing.HttpTestServer.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The server side of the comparison with the JDK's client: answers by path, and remembers what it saw. */
final class EchoHandler implements HttpTestServer.Handler {
    static final String CREDENTIALS =
            "Basic " + Base64.getEncoder().encodeToString("user:pass".getBytes(StandardCharsets.UTF_8));

    private final List<Request> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);

    /** What was seen since the last call. */
    List<Request> takeSeen() {
        List<Request> taken = new ArrayList<>(seen);
        seen.clear();
        return taken;
    }

    /** Lets those go that wait for nothing. */
    void release() {
        end.countDown();
    }

    @Override
    public Response handle(Request request) throws Exception {
        seen.add(request);
        String path = request.uri().replaceFirst("\\?.*", "");
        if (path.startsWith("/status/")) {
            return Response.of(Integer.parseInt(path.substring(8)), "the text");
        }
        if (path.startsWith("/redirect/")) {
            return Response.of(Integer.parseInt(path.substring(10)), "moved", "Location", "/echo?moved=1");
        }
        return switch (path) {
            case "/relative/from" -> Response.of(302, "moved", "Location", "to?a=b#fragment");
            case "/loop" -> Response.of(302, "again", "Location", "/loop");
            case "/no-location" -> Response.of(302, "nowhere");
            case "/bad-location" -> Response.of(302, "nowhere", "Location", "http://[bad");
            case "/cookie" -> Response.of(302, "a cookie", "Set-Cookie", "k=v; Path=/", "Location", "/echo");
            case "/basic" ->
                Objects.equals(request.header("authorization"), CREDENTIALS)
                        ? Response.ok("welcome")
                        : Response.of(
                                401, "who are you", "WWW-Authenticate", "Basic realm=\"a, b\", charset=\"UTF-8\"");
            case "/proxy-basic" ->
                Objects.equals(request.header("proxy-authorization"), CREDENTIALS)
                        ? Response.ok("welcome")
                        : Response.of(407, "who are you", "Proxy-Authenticate", "Basic realm=\"p\"");
            case "/never" -> Response.of(401, "never", "WWW-Authenticate", "Basic realm=\"r\"");
            case "/digest" -> Response.of(401, "digest", "WWW-Authenticate", "Digest realm=\"r\"");
            case "/no-challenge" -> Response.of(401, "no challenge");
            case "/large" -> Response.ok("0123456789abcdef".repeat(1 << 16));
            case "/lines" -> Response.ok("one\ntwo\r\nthree");
            case "/slow" -> {
                boolean released = end.await(30, TimeUnit.SECONDS);
                yield Response.ok("released " + released);
            }
            default ->
                Response.of(
                        200, request.method() + " " + request.text(), "X-Many", "a", "X-Many", "b", "ETag", "\"1\"");
        };
    }
}
