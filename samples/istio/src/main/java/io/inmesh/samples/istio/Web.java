package io.inmesh.samples.istio;

import com.sun.net.httpserver.HttpServer;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.stage.DaemonThreads;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** The service {@code web}: it calls {@code reviews}, and has a door that is not in the mesh. */
public final class Web {
    private static final int PORT = 8080;
    private static final int WORKERS = 8;

    private Web() {}

    /** Serves until the process is ended. */
    public static void main(String[] args) throws Exception {
        Membership member = Membership.join();
        MeshHttpClient client =
                MeshHttpClient.newBuilder(member.mesh()).meshTls(member.tls()).build();
        // In a pod on all addresses: kubectl port-forward comes by loopback.
        InetSocketAddress address = System.getenv("POD_ROOT") == null
                ? new InetSocketAddress(PORT)
                : new InetSocketAddress(Environment.of("INSTANCE_IP"), PORT);
        HttpServer door = HttpServer.create(address, 0);
        door.setExecutor(Executors.newFixedThreadPool(WORKERS, DaemonThreads.named("door")));
        door.createContext("/ready", exchange -> ReviewsCall.answer(exchange, 200, "ready\n"));
        door.createContext("/", new ReviewsCall(client));
        door.start();
    }
}
