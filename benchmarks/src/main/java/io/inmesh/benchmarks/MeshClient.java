package io.inmesh.benchmarks;

import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;

/** The mesh's client with one event loop: listener, 200 virtual hosts, retries allowed, timeout of 15 s, counts, balancing. */
final class MeshClient implements Candidate {
    private final Mesh mesh;
    private final MeshHttpClient client;
    private final HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + FixedSource.AUTHORITY + "/hello"))
            .build();

    MeshClient(boolean http2, int port) {
        mesh = Mesh.builder().source(new FixedSource(http2, port)).build();
        client = MeshHttpClient.newBuilder(mesh)
                .executor(ForkJoinPool.commonPool())
                .eventLoops(1)
                .build();
    }

    @Override
    public String name() {
        return "Inmesh";
    }

    @Override
    public int send() throws Exception {
        return JdkClient.length(client.send(request, BodyHandlers.ofByteArray()));
    }

    @Override
    public CompletableFuture<Integer> sendAsync() {
        return client.sendAsync(request, BodyHandlers.ofByteArray()).thenApply(JdkClient::length);
    }

    @Override
    public void end() {
        client.close();
        mesh.close();
    }
}
