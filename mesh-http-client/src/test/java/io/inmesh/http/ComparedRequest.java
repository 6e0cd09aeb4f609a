package io.inmesh.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One row of the table over which {@link MeshHttpClient} is compared with the JDK's client.
 *
 * @param name    says what is compared
 * @param client  sets a builder
 * @param request makes the request for a server
 * @param handler makes the body handler; what it delivers is compared as text
 */
record ComparedRequest(
        String name,
        Consumer<HttpClient.Builder> client,
        Function<URI, HttpRequest.Builder> request,
        Supplier<BodyHandler<?>> handler) {

    static final byte[] LARGE = "a body of more than one buffer ".repeat(10_000).getBytes(StandardCharsets.UTF_8);

    @Override
    public String toString() {
        return name;
    }

    static List<ComparedRequest> all() {
        return Stream.of(
                        plain(), requestBodies(), responseBodies(), redirects(), cookiesAndAuthentication(), failures())
                .flatMap(List::stream)
                .toList();
    }

    private static List<ComparedRequest> plain() {
        return List.of(
                get("GET", "/echo"),
                get("GET with query", "/echo?a=b&c=%20d"),
                get("GET with characters beyond ASCII", "/\u00fcber?q=\u20ac"),
                get("GET without path", ""),
                of("GET with headers", base -> to(base, "/echo")
                        .header("X-One", "1")
                        .header("X-One", "2")
                        .header("Accept", "text/plain")
                        .header("Cookie", "own=1")),
                of("GET with a user agent", base -> to(base, "/echo").header("User-Agent", "mine")),
                of("HEAD", base -> to(base, "/echo").method("HEAD", BodyPublishers.noBody())),
                of("DELETE", base -> to(base, "/echo").method("DELETE", BodyPublishers.noBody())),
                of("OPTIONS", base -> to(base, "/echo").method("OPTIONS", BodyPublishers.noBody())),
                of("PATCH", base -> to(base, "/echo").method("PATCH", BodyPublishers.ofString("p"))),
                of("a method of its own", base -> to(base, "/echo").method("PURGE", BodyPublishers.noBody())),
                get("204", "/status/204"),
                get("304", "/status/304"),
                get("404", "/status/404"),
                get("500", "/status/500"));
    }

    private static List<ComparedRequest> requestBodies() {
        return List.of(
                post("nothing", BodyPublishers::noBody),
                post("an empty text", () -> BodyPublishers.ofString("")),
                post("a text", () -> BodyPublishers.ofString("hello \u00fc")),
                post("a large array", () -> BodyPublishers.ofByteArray(LARGE)),
                post("many arrays", () -> BodyPublishers.ofByteArrays(List.of(bytes("one"), bytes("two"), LARGE))),
                post("a stream", () -> BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE))),
                post("an empty stream", () -> BodyPublishers.ofInputStream(InputStream::nullInputStream)),
                post("a file", ComparedRequest::fileBody),
                post(
                        "both of two",
                        () -> BodyPublishers.concat(BodyPublishers.ofString("a"), BodyPublishers.ofString("b"))),
                post("a publisher", () -> BodyPublishers.fromPublisher(published("one", "two"))),
                post("a publisher with length", () -> BodyPublishers.fromPublisher(published("one", "two"), 6)),
                post("too little", () -> BodyPublishers.fromPublisher(published("one"), 6)),
                post("too much", () -> BodyPublishers.fromPublisher(published("one", "two"), 4)),
                post(
                        "a failing publisher",
                        () -> BodyPublishers.fromPublisher(failing(new IOException("from the test")))),
                post(
                        "a wrongly failing publisher",
                        () -> BodyPublishers.fromPublisher(failing(new IllegalArgumentException("from the test")))),
                post("a failing stream", () -> BodyPublishers.ofInputStream(ComparedRequest::failingStream)),
                of("expecting 100", base -> to(base, "/echo")
                        .POST(BodyPublishers.ofString("expected"))
                        .expectContinue(true)));
    }

    private static List<ComparedRequest> responseBodies() {
        return List.of(
                into("bytes", () -> BodyHandlers.ofByteArray()),
                into("nothing", () -> BodyHandlers.discarding()),
                into("a replacement", () -> BodyHandlers.replacing("instead")),
                into("a stream", () -> BodyHandlers.ofInputStream()),
                into("lines", () -> BodyHandlers.ofLines()),
                into("a file", () -> BodyHandlers.ofFile(file())),
                into("a publisher", () -> BodyHandlers.ofPublisher()),
                into("a consumer of arrays", () -> BodyHandlers.ofByteArrayConsumer(bytes -> {})),
                into("buffers", () -> BodyHandlers.buffering(BodyHandlers.ofString(), 1000)),
                into("a subscriber", () -> BodyHandlers.fromSubscriber(new Joining(), Joining::text)),
                into(
                        "a line subscriber",
                        () -> BodyHandlers.fromLineSubscriber(new LineCount(), LineCount::text, null)),
                into(
                        "a mapped text",
                        () -> info -> BodySubscribers.mapping(
                                BodySubscribers.ofString(StandardCharsets.UTF_8),
                                text -> info.statusCode() + info.version().name() + text.length())),
                into(
                        "a mapping that reads a stream",
                        () -> info -> BodySubscribers.mapping(BodySubscribers.ofInputStream(), ComparedRequest::read)),
                into("limits of a handler", () -> info -> {
                    throw new IllegalStateException("from the test");
                }),
                into(
                        "a mapping that fails",
                        () -> info ->
                                BodySubscribers.mapping(BodySubscribers.ofString(StandardCharsets.UTF_8), text -> {
                                    throw new IllegalStateException("from the test");
                                })),
                new ComparedRequest("lines of text", builder -> {}, base -> to(base, "/lines"), BodyHandlers::ofLines));
    }

    private static List<ComparedRequest> redirects() {
        List<ComparedRequest> rows = new ArrayList<>();
        for (int status : new int[] {300, 301, 302, 303, 304, 305, 307, 308}) {
            rows.add(following("GET " + status, Redirect.NORMAL, base -> to(base, "/redirect/" + status)));
            rows.add(following("POST " + status, Redirect.ALWAYS, base -> to(base, "/redirect/" + status)
                    .POST(BodyPublishers.ofString("body"))));
        }
        rows.add(following("PUT 302", Redirect.NORMAL, base -> to(base, "/redirect/302")
                .header("X-Kept", "1")
                .PUT(BodyPublishers.ofString("body"))));
        rows.add(following("never", Redirect.NEVER, base -> to(base, "/redirect/302")));
        rows.add(following("a relative one", Redirect.NORMAL, base -> to(base, "/relative/from")));
        rows.add(following("too often", Redirect.NORMAL, base -> to(base, "/loop")));
        rows.add(following("to nowhere", Redirect.NORMAL, base -> to(base, "/no-location")));
        return rows;
    }

    private static List<ComparedRequest> cookiesAndAuthentication() {
        Consumer<HttpClient.Builder> cookies =
                builder -> builder.cookieHandler(new CookieManager()).followRedirects(Redirect.NORMAL);
        Consumer<HttpClient.Builder> password = builder -> builder.authenticator(new Passwords("user", "pass"));
        Consumer<HttpClient.Builder> wrong = builder -> builder.authenticator(new Passwords("user", "wrong"));
        Consumer<HttpClient.Builder> none = builder -> builder.authenticator(new Passwords(null, "pass"));
        return List.of(
                new ComparedRequest(
                        "a cookie comes back",
                        cookies,
                        base -> to(base, "/cookie").header("Cookie", "own=1"),
                        BodyHandlers::ofString),
                new ComparedRequest("credentials", password, base -> to(base, "/basic"), BodyHandlers::ofString),
                new ComparedRequest(
                        "credentials and a body",
                        password,
                        base -> to(base, "/basic").POST(BodyPublishers.ofString("b")),
                        BodyHandlers::ofString),
                new ComparedRequest("wrong credentials", wrong, base -> to(base, "/never"), BodyHandlers::ofString),
                new ComparedRequest("no credentials", none, base -> to(base, "/basic"), BodyHandlers::ofString),
                new ComparedRequest("no authenticator", b -> {}, base -> to(base, "/basic"), BodyHandlers::ofString),
                new ComparedRequest(
                        "no challenge", password, base -> to(base, "/no-challenge"), BodyHandlers::ofString),
                new ComparedRequest("another scheme", password, base -> to(base, "/digest"), BodyHandlers::ofString),
                new ComparedRequest(
                        "credentials of the application's own",
                        b -> {},
                        base -> to(base, "/basic").header("Authorization", EchoHandler.CREDENTIALS),
                        BodyHandlers::ofString));
    }

    private static List<ComparedRequest> failures() {
        return List.of(of("too slow", base -> to(base, "/slow").timeout(Duration.ofMillis(1500))));
    }

    private static ComparedRequest get(String name, String path) {
        return of(name, base -> to(base, path));
    }

    private static ComparedRequest post(String name, Supplier<BodyPublisher> body) {
        return of("POST " + name, base -> to(base, "/echo").POST(body.get()));
    }

    private static ComparedRequest into(String name, Supplier<BodyHandler<?>> handler) {
        return new ComparedRequest("into " + name, builder -> {}, base -> to(base, "/large"), handler);
    }

    private static ComparedRequest following(String name, Redirect policy, Function<URI, HttpRequest.Builder> request) {
        return new ComparedRequest(
                "redirect: " + name, builder -> builder.followRedirects(policy), request, BodyHandlers::ofString);
    }

    private static ComparedRequest of(String name, Function<URI, HttpRequest.Builder> request) {
        return new ComparedRequest(name, builder -> {}, request, BodyHandlers::ofString);
    }

    private static HttpRequest.Builder to(URI base, String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    /** What a body says, as text that can be compared. */
    static String text(@Nullable Object body) {
        if (body instanceof byte[] array) {
            return Arrays.hashCode(array) + " of " + array.length;
        } else if (body instanceof InputStream stream) {
            return read(stream);
        } else if (body instanceof Stream<?> lines) {
            return lines.map(String::valueOf).collect(Collectors.joining("|"));
        } else if (body instanceof Path path) {
            return readAndDelete(path);
        } else if (body instanceof Flow.Publisher<?> publisher) {
            return join(publisher);
        }
        return String.valueOf(body);
    }

    private static String join(Flow.Publisher<?> publisher) {
        Joining joining = new Joining();
        @SuppressWarnings("unchecked") // the only publisher among bodies is of lists of buffers
        Flow.Publisher<List<ByteBuffer>> buffers = (Flow.Publisher<List<ByteBuffer>>) publisher;
        buffers.subscribe(joining);
        return joining.await();
    }

    private static String read(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String readAndDelete(Path path) {
        try {
            String text = Files.readString(path);
            Files.delete(path);
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("inmesh", ".txt");
            file.toFile().deleteOnExit();
            Files.write(file, LARGE);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static BodyPublisher fileBody() {
        try {
            return BodyPublishers.ofFile(file());
        } catch (java.io.FileNotFoundException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream failingStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("from the test");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                throw new IOException("from the test");
            }
        };
    }

    private static Flow.Publisher<ByteBuffer> published(String... texts) {
        return subscriber -> {
            SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>();
            publisher.subscribe(subscriber);
            for (String text : texts) {
                publisher.submit(ByteBuffer.wrap(bytes(text)));
            }
            publisher.close();
        };
    }

    private static Flow.Publisher<ByteBuffer> failing(Throwable cause) {
        return subscriber -> {
            SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>();
            publisher.subscribe(subscriber);
            publisher.closeExceptionally(cause);
        };
    }

    private static final class Passwords extends Authenticator {
        private final @Nullable String user;
        private final String password;

        Passwords(@Nullable String user, String password) {
            this.user = user;
            this.password = password;
        }

        @Override
        protected @Nullable PasswordAuthentication getPasswordAuthentication() {
            return user == null ? null : new PasswordAuthentication(user, password.toCharArray());
        }
    }
}
