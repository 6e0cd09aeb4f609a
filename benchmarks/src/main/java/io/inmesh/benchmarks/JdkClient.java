package io.inmesh.benchmarks;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The JDK's client, as it is quickest: with an executor of its own instead of the default one, which grows without bound. HTTP/2 without TLS begins with an
 * upgrade, since it knows no other way.
 */
final class JdkClient implements Candidate {
    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final HttpClient client;
    private final HttpRequest request;

    JdkClient(boolean http2, int port) {
        Version version = http2 ? Version.HTTP_2 : Version.HTTP_1_1;
        client = HttpClient.newBuilder().executor(executor).version(version).build();
        request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hello"))
                .build();
    }

    @Override
    public String name() {
        return "java.net.http";
    }

    @Override
    public int send() throws Exception {
        return length(client.send(request, BodyHandlers.ofByteArray()));
    }

    @Override
    public CompletableFuture<Integer> sendAsync() {
        return client.sendAsync(request, BodyHandlers.ofByteArray()).thenApply(JdkClient::length);
    }

    static int length(HttpResponse<byte[]> response) {
        return response.statusCode() == 200 ? response.body().length : -response.statusCode();
    }

    @Override
    public void end() {
        executor.shutdown();
    }
}
