package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.Mesh;
import io.inmesh.http.testing.HostileServer;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads, back-pressure, cancellation and the end of a client. */
@Timeout(180)
class MeshHttpClientTest {
    private static final URI HOME = URI.create("http://a.example/");
    private static final URI SLOW = URI.create("http://a.example/slow");

    private final CountDownLatch end = new CountDownLatch(1);
    private final HttpTestServer server = HttpTestServer.start(request -> {
        if (request.uri().equals("/slow")) {
            return Response.ok("released " + end.await(60, TimeUnit.SECONDS));
        }
        return Response.ok(request.text().isEmpty() ? "fine" : request.text());
    });
    private final Mesh mesh = mesh(server.port());
    private final MeshHttpClient client = MeshHttpClient.create(mesh);

    @AfterEach
    void close() {
        end.countDown();
        client.shutdownNow();
        client.close();
        mesh.close();
        server.close();
    }

    @Test
    void send_handlersAndSubscribers_runOnTheCallingThread() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        client.send(request(HOME), info -> {
            threads.add(Thread.currentThread().getName());
            return BodySubscribers.fromLineSubscriber(new Flow.Subscriber<String>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    threads.add(Thread.currentThread().getName());
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(String line) {
                    threads.add(Thread.currentThread().getName());
                }

                @Override
                public void onError(Throwable cause) {
                    threads.add("failed: " + cause);
                }

                @Override
                public void onComplete() {
                    threads.add(Thread.currentThread().getName());
                }
            });
        });
        assertThat(threads).containsExactly(Thread.currentThread().getName());
    }

    @Test
    void send_functionOfAMapping_runsOnTheCallingThreadOrTheClients() throws Exception {
        AtomicReference<String> thread = new AtomicReference<>();
        client.send(
                request(HOME),
                info -> BodySubscribers.mapping(BodySubscribers.ofString(StandardCharsets.UTF_8), text -> {
                    thread.set(Thread.currentThread().getName());
                    return text;
                }));
        String caller = Thread.currentThread().getName();
        assertThat(thread.get()).satisfiesAnyOf(name -> assertThat(name).isEqualTo(caller), name -> assertThat(name)
                .matches("inmesh-http-\\d+"));
    }

    @Test
    void sendAsync_everythingOfTheApplication_runsOnTheClientsThreads() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        HttpRequest request = HttpRequest.newBuilder(HOME)
                .POST(BodyPublishers.ofInputStream(() -> {
                    threads.add(Thread.currentThread().getName());
                    return InputStream.nullInputStream();
                }))
                .build();
        client.sendAsync(request, info -> {
                    threads.add(Thread.currentThread().getName());
                    return BodySubscribers.ofString(StandardCharsets.UTF_8);
                })
                .thenApplyAsync(response -> threads.add(Thread.currentThread().getName()))
                .get(60, TimeUnit.SECONDS);
        assertThat(threads).isNotEmpty().allMatch(name -> name.startsWith("inmesh-http-"));
    }

    @Test
    void sendAsync_executorOfTheApplication_runsEverything() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        Executor own = task -> {
            Thread thread = new Thread(task, "own");
            thread.start();
        };
        try (MeshHttpClient owned =
                MeshHttpClient.newBuilder(mesh).executor(own).build()) {
            assertThat(owned.executor()).containsSame(own);
            owned.sendAsync(request(HOME), info -> {
                        threads.add(Thread.currentThread().getName());
                        return BodySubscribers.ofString(StandardCharsets.UTF_8);
                    })
                    .thenApplyAsync(
                            response -> threads.add(Thread.currentThread().getName()))
                    .get(60, TimeUnit.SECONDS);
        }
        assertThat(threads).containsExactly("own");
    }

    @Test
    void sendAsync_executorThatRefuses_stillCompletes() throws Exception {
        Executor closed = task -> {
            throw new RejectedExecutionException("closed by the test");
        };
        try (MeshHttpClient owned =
                MeshHttpClient.newBuilder(mesh).executor(closed).build()) {
            assertThat(owned.sendAsync(request(HOME), BodyHandlers.ofString())
                            .get(60, TimeUnit.SECONDS)
                            .body())
                    .isEqualTo("fine");
        }
    }

    @Test
    void sendAsync_continuationsThatWaitForFurtherSends_doNotStarve() throws Exception {
        CompletableFuture<?>[] all = new CompletableFuture<?>[64];
        for (int i = 0; i < all.length; i++) {
            all[i] = client.sendAsync(request(HOME), BodyHandlers.ofString())
                    .thenApply(first -> client.sendAsync(request(HOME), BodyHandlers.ofString())
                            .join()
                            .body());
        }
        CompletableFuture.allOf(all).get(60, TimeUnit.SECONDS);
    }

    @Test
    void sendAsync_streamReadInAContinuation_getsAll() throws Exception {
        String large = "0123456789".repeat(200_000);
        HttpRequest request = HttpRequest.newBuilder(HOME)
                .POST(BodyPublishers.ofString(large))
                .build();
        assertThat(client.sendAsync(request, BodyHandlers.ofInputStream())
                        .thenApply(response -> read(response.body()))
                        .get(60, TimeUnit.SECONDS))
                .isEqualTo(large);
    }

    @Test
    void sendAsync_cancelled_endsTheRequestOnTheWire() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        try (HostileServer hostile = HostileServer.start(peer -> {
                    peer.readHead();
                    arrived.countDown();
                    peer.awaitEnd();
                    gone.countDown();
                });
                Mesh itsMesh = mesh(hostile.port());
                MeshHttpClient itsClient = MeshHttpClient.create(itsMesh)) {
            CompletableFuture<HttpResponse<String>> future =
                    itsClient.sendAsync(request(HOME), BodyHandlers.ofString());
            assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(future.cancel(true)).isTrue();
            assertThat(gone.await(60, TimeUnit.SECONDS))
                    .as("the connection ended")
                    .isTrue();
            assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void sendAsync_derivedFutureCancelled_cancelsTheRequest() throws Exception {
        CompletableFuture<HttpResponse<String>> future = client.sendAsync(request(SLOW), BodyHandlers.ofString());
        future.thenApply(HttpResponse::body).cancel(true);
        assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS))
                .isInstanceOfAny(CancellationException.class, ExecutionException.class)
                .satisfies(thrown -> assertThat(thrown.getCause() == null ? thrown : thrown.getCause())
                        .isInstanceOf(CancellationException.class));
    }

    @Test
    void send_interrupted_throwsAndEndsTheRequestOnTheWire() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        try (HostileServer hostile = HostileServer.start(peer -> {
                    peer.readHead();
                    arrived.countDown();
                    peer.awaitEnd();
                    gone.countDown();
                });
                Mesh itsMesh = mesh(hostile.port());
                MeshHttpClient itsClient = MeshHttpClient.create(itsMesh)) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread sender = new Thread(() -> {
                try {
                    itsClient.send(request(HOME), BodyHandlers.ofString());
                } catch (IOException | InterruptedException e) {
                    thrown.set(e);
                }
            });
            sender.start();
            assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
            sender.interrupt();
            sender.join(10_000);
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            assertThat(gone.await(60, TimeUnit.SECONDS))
                    .as("the connection ended")
                    .isTrue();
        }
    }

    @Test
    void send_subscriberThatAsksForNothing_holdsTheServerBack() throws Exception {
        AtomicLong sent = new AtomicLong();
        int total = 64 << 20;
        byte[] piece = new byte[64 * 1024];
        try (HostileServer hostile = HostileServer.start(peer -> {
                    peer.readHead();
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
                    while (sent.get() < total) {
                        peer.send(piece);
                        sent.addAndGet(piece.length);
                    }
                });
                Mesh itsMesh = mesh(hostile.port());
                MeshHttpClient itsClient = MeshHttpClient.create(itsMesh)) {
            HttpResponse<InputStream> response = itsClient.send(request(HOME), BodyHandlers.ofInputStream());
            AtomicLong before = new AtomicLong(-1);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> before.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
            assertThat(sent.get()).as("bytes sent while nobody reads").isLessThan(total / 2);
            try (InputStream body = response.body()) {
                assertThat(body.readAllBytes()).hasSize(total);
            }
        }
    }

    @Test
    void send_publisher_isAskedForNoMoreThanTheServerTakes() throws Exception {
        AtomicLong published = new AtomicLong();
        byte[] piece = new byte[64 * 1024];
        long total = 1024L * piece.length;
        CountDownLatch read = new CountDownLatch(1);
        try (HostileServer hostile = HostileServer.start(peer -> {
                    peer.readHead();
                    read.await(60, TimeUnit.SECONDS);
                    peer.read((int) total);
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
                Mesh itsMesh = mesh(hostile.port());
                MeshHttpClient itsClient = MeshHttpClient.create(itsMesh)) {
            InputStream source = new InputStream() {
                @Override
                public int read() {
                    throw new UnsupportedOperationException("whole pieces only");
                }

                @Override
                public int read(byte[] bytes, int offset, int length) {
                    long left = total - published.get();
                    if (left == 0) {
                        return -1;
                    }
                    int count = (int) Math.min(left, length);
                    published.addAndGet(count);
                    return count;
                }
            };
            HttpRequest request = HttpRequest.newBuilder(HOME)
                    .POST(BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> source), total))
                    .build();
            CompletableFuture<HttpResponse<Void>> future = itsClient.sendAsync(request, BodyHandlers.discarding());
            AtomicLong before = new AtomicLong(-1);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> before.getAndSet(published.get()) == published.get() && published.get() > 0);
            assertThat(published.get()).as("bytes published while nobody reads").isLessThan(total / 2);
            read.countDown();
            assertThat(future.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void send_publisherOfNull_failsWithNullPointer() {
        HttpRequest request = HttpRequest.newBuilder(HOME)
                .POST(BodyPublishers.fromPublisher(subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
                    @Override
                    @SuppressWarnings("NullAway") // the breach of contract that is tested
                    public void request(long n) {
                        try {
                            subscriber.onNext((ByteBuffer) null);
                        } catch (NullPointerException expected) {
                            // What Reactive Streams 2.13 promises to the publisher.
                            return;
                        }
                    }

                    @Override
                    public void cancel() {}
                })))
                .build();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(NullPointerException.class);
    }

    @Test
    void send_subscriberThatThrows_failsAndIsTold() {
        AtomicReference<Throwable> told = new AtomicReference<>();
        assertThatThrownBy(() -> client.send(
                        request(HOME),
                        BodyHandlers.fromSubscriber(
                                new Flow.Subscriber<List<ByteBuffer>>() {
                                    @Override
                                    public void onSubscribe(Flow.Subscription subscription) {
                                        subscription.request(Long.MAX_VALUE);
                                    }

                                    @Override
                                    public void onNext(List<ByteBuffer> item) {
                                        throw new IllegalStateException("from the test");
                                    }

                                    @Override
                                    public void onError(Throwable cause) {
                                        told.set(cause);
                                    }

                                    @Override
                                    public void onComplete() {}
                                },
                                subscriber -> "")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("from the test");
        assertThat(told.get()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void close_requestUnderWay_waitsForIt() throws Exception {
        CompletableFuture<HttpResponse<String>> future = client.sendAsync(request(SLOW), BodyHandlers.ofString());
        client.shutdown();
        assertThat(client.isTerminated()).isFalse();
        assertThat(client.awaitTermination(Duration.ofMillis(50))).isFalse();
        assertThatThrownBy(() -> client.send(request(HOME), BodyHandlers.ofString()))
                .hasMessage("closed");
        end.countDown();
        client.close();
        assertThat(client.isTerminated()).isTrue();
        // The client is done with it; the future is completed by the client's executor.
        assertThat(future)
                .succeedsWithin(Duration.ofSeconds(60))
                .satisfies(response -> assertThat(response.statusCode()).isEqualTo(200));
    }

    @Test
    void shutdownNow_requestUnderWay_failsIt() throws Exception {
        CompletableFuture<HttpResponse<String>> future = client.sendAsync(request(SLOW), BodyHandlers.ofString());
        client.shutdownNow();
        assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        assertThat(client.awaitTermination(Duration.ofSeconds(60))).isTrue();
    }

    @Test
    void shutdownNow_whileRequestsEnd_alwaysTerminates() throws Exception {
        for (int round = 0; round < 25; round++) {
            MeshHttpClient shortLived = MeshHttpClient.create(mesh);
            CompletableFuture<?> first = shortLived.sendAsync(request(HOME), BodyHandlers.ofInputStream());
            CompletableFuture<?> second = shortLived.sendAsync(request(HOME), BodyHandlers.ofString());
            if (round % 2 == 0) {
                first.get(60, TimeUnit.SECONDS);
            }
            shortLived.shutdownNow();
            assertThat(shortLived.awaitTermination(Duration.ofSeconds(60))).isTrue();
            assertThat(second).satisfies(future -> Awaitility.await().until(future::isDone));
        }
    }

    @Test
    void close_interrupted_givesRequestsUpAndKeepsTheInterrupt() throws Exception {
        CompletableFuture<HttpResponse<String>> future = client.sendAsync(request(SLOW), BodyHandlers.ofString());
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Thread closer = new Thread(() -> {
            client.close();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        closer.start();
        closer.interrupt();
        closer.join(10_000);
        assertThat(interrupted.get()).isTrue();
        assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void client_unsupportedThings_saySo() {
        assertThatThrownBy(client::newWebSocketBuilder)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("WebSocket");
        assertThatThrownBy(() -> MeshHttpClient.newBuilder(mesh)
                        .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("proxy");
        assertThat(MeshHttpClient.newBuilder(mesh).proxy(HttpClient.Builder.NO_PROXY))
                .isNotNull();
        assertThatThrownBy(() -> MeshHttpClient.newBuilder(mesh).priority(0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void getters_defaults_areTheJdks() throws Exception {
        HttpClient jdk = HttpClient.newHttpClient();
        assertThat(client.version()).isEqualTo(jdk.version());
        assertThat(client.followRedirects()).isEqualTo(jdk.followRedirects());
        assertThat(client.cookieHandler()).isEqualTo(jdk.cookieHandler());
        assertThat(client.authenticator()).isEqualTo(jdk.authenticator());
        assertThat(client.connectTimeout()).isEqualTo(jdk.connectTimeout());
        assertThat(client.executor()).isEqualTo(jdk.executor());
        assertThat(client.proxy()).isEqualTo(jdk.proxy());
        assertThat(client.sslContext()).isSameAs(jdk.sslContext());
        assertThat(client.sslParameters().getProtocols())
                .containsExactlyInAnyOrder(jdk.sslParameters().getProtocols());
    }

    @Test
    void response_ofAnotherClient_tellsNothingOfTheMesh() throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(request(URI.create("http://" + server.authority() + "/")), BodyHandlers.ofString());
        assertThatThrownBy(() -> MeshHttpResponse.of(response))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a response of a MeshHttpClient");
    }

    private static String read(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static HttpRequest request(URI uri) {
        return HttpRequest.newBuilder(uri).build();
    }

    private static Mesh mesh(int port) {
        return new FixedSource()
                .routes("a.example", Route.of("all", RouteMatch.prefix("/"), Forward.to("c")))
                .cluster("c", HttpVersion.HTTP_1, new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .mesh();
    }
}
