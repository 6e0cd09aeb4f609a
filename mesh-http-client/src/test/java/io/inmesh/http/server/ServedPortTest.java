package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.model.DownstreamTls;
import io.inmesh.snapshot.Dialect;
import io.inmesh.transport.ServerTls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServedPortTest {
    private final ServedMesh mesh = new ServedMesh().withoutCertificate();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ExecutorService connections = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task);
        threads.add(thread);
        return thread;
    });

    @AfterEach
    void end() {
        connections.shutdownNow();
        mesh.close();
    }

    /** Or strangers who ask for TLS while there is none would have all threads of a server that others could call in the clear. */
    @Test
    void ready_secretsThatEnoughConnectionsAwait_areNotAwaitedByOneMore() throws Exception {
        ServedPort port = new ServedPort(mesh.inbound.port(new Dialect.BoundAddress("127.0.0.1", 8443)), mesh.tls);
        DownstreamTls settings = ServedMesh.mutual("h2");
        List<Future<ServerTls>> waiting = new ArrayList<>();
        for (int i = 0; i < ServedPort.MAX_WAITING; i++) {
            waiting.add(connections.submit(() -> port.ready(settings)));
        }
        await().until(() -> threads.size() == ServedPort.MAX_WAITING
                && threads.stream().allMatch(each -> each.getState() == Thread.State.TIMED_WAITING));

        assertThatThrownBy(() -> port.ready(settings))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("as 16 others do");

        mesh.rotate(mesh.issue("spiffe://mesh/ns/test/sa/server"));
        for (Future<ServerTls> each : waiting) {
            assertThat(each.get(20, TimeUnit.SECONDS).awaited()).isNull();
        }
        assertThat(port.ready(settings).awaited()).isNull();
    }
}
