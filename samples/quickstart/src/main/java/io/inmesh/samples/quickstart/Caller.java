package io.inmesh.samples.quickstart;

import io.inmesh.http.MeshHttpClient;
import io.inmesh.http.MeshHttpResponse;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A workload that calls orders. */
final class Caller implements AutoCloseable {
    private static final String ORDERS = "http://orders";

    private final String name;
    private final MeshHttpClient client;

    Caller(Workload workload) {
        name = workload.name();
        // One event loop, so that there is one connection to look at.
        client = MeshHttpClient.newBuilder(workload.mesh())
                .meshTls(workload.tls())
                .eventLoops(1)
                .build();
    }

    String name() {
        return name;
    }

    HttpClient client() {
        return client;
    }

    static URI address(String path) {
        return URI.create(ORDERS + path);
    }

    HttpResponse<String> call(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address(path))
                .method(method, BodyPublishers.noBody())
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    /** This side's address of the connection that brought an answer; empty if none did. */
    static String connection(HttpResponse<String> response) {
        ConnectionFacts facts = MeshHttpResponse.of(response).mesh().connection();
        return facts == null ? "" : facts.localAddress();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
