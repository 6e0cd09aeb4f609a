package io.inmesh.samples.kuma;

import io.inmesh.http.MeshHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A member that calls orders, by the name that only the mesh knows. */
final class Caller implements AutoCloseable {
    static final URI ORDER = URI.create(ControlPlane.ORDERS + "/orders/7");

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Member member;
    private final MeshHttpClient client;

    Caller(Member member) {
        this.member = member;
        this.client = MeshHttpClient.newBuilder(member.mesh())
                .meshTls(member.tls())
                .eventLoops(1)
                .build();
    }

    Member member() {
        return member;
    }

    HttpClient client() {
        return client;
    }

    /** Waits until it gets an answer of an instance: the names and addresses of a new mesh come some seconds after the first instance. */
    void awaitOrders() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (call().statusCode() < 500 || System.nanoTime() > end) {
                    return;
                }
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    HttpResponse<String> call() throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(ORDER).timeout(Duration.ofSeconds(15)).build(), BodyHandlers.ofString());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
