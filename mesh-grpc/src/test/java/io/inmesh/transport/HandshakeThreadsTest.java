package io.inmesh.transport;

import static io.inmesh.transport.Settings.client;
import static io.inmesh.transport.Settings.common;
import static io.inmesh.transport.Settings.server;
import static io.inmesh.transport.Settings.trust;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.DownstreamTls;
import io.netty.pkitesting.X509Bundle;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Strangers may make the threads of handshakes busy; they must not make them fall behind without end. */
class HandshakeThreadsTest {
    @Test
    void handshakes_threadsAreBusyAndEnoughWait_takeNoMore() {
        CountDownLatch end = new CountDownLatch(1);
        Executor threads = SharedTls.handshakes("test-", new ArrayBlockingQueue<>(1));
        Runnable busy = () -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        try {
            int taken = Math.max(2, Runtime.getRuntime().availableProcessors()) + 1;
            for (int i = 0; i < taken; i++) {
                threads.execute(busy);
            }

            assertThatThrownBy(() -> threads.execute(busy)).isInstanceOf(RejectedExecutionException.class);
        } finally {
            end.countDown();
        }
    }

    /** What is thrown is what a full queue throws. The client learns at once that there is no connection. */
    @ParameterizedTest
    @EnumSource
    void handshake_threadsOfServersTakeNoMore_failsAtOnce(TlsProvider provider) throws Exception {
        X509Bundle root = MeshTlsTest.root("root");
        DownstreamTls settings =
                server(common(MeshTlsTest.workload(root, "spiffe://cluster.local/x"), trust(root)), false);
        LiveTls state = new LiveTls(
                "test",
                new MaterialReader(settings.common(), true, false, null, null, Clock.systemUTC()),
                () -> new DataReader(TlsOptions.DEFAULT, name -> null),
                (material, alpn) -> new ContextFactory(provider).server(settings, material),
                List.of(),
                Runnable::run,
                TlsOptions.DEFAULT);
        GivenSecrets secrets = new GivenSecrets();
        state.start(secrets);
        ServerTls full = new LiveServerTls(settings, state, provider, task -> {
            throw new RejectedExecutionException("enough wait");
        });
        try (SharedTls tls = new SharedTls(secrets, TlsOptions.DEFAULT, provider, Clock.systemUTC(), name -> null);
                Sockets sockets = new Sockets();
                Sockets.Server listener = sockets.serve(full)) {
            Sockets.Outcome outcome = sockets.connect(tls.client(client(common(null, trust(root)))), listener);

            assertThat(outcome.worked()).isFalse();
            assertThat(outcome.clientFailure()).isNotEqualTo("no answer in time");
            assertThatThrownBy(outcome::facts)
                    .isInstanceOf(ExecutionException.class)
                    .hasStackTraceContaining("enough wait");
        } finally {
            state.release();
        }
    }
}
