package io.inmesh.xds.protocol;

import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/** A session on a thread of its own, over real connections, with short waiting times. */
final class LiveSession implements AutoCloseable {
    static final AdsSettings QUICK = new AdsSettings(
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10));

    final RecordingHandler handler = new RecordingHandler();
    final AdsSession session;
    private final SessionThread loop = SessionThread.named("test-xds");

    LiveSession(AdsSettings settings, XdsServer... servers) {
        this(
                settings,
                unused -> {
                    throw new AssertionError("No server of this test is behind TLS");
                },
                servers);
    }

    LiveSession(AdsSettings settings, Function<UpstreamTls, ClientTls> tls, XdsServer... servers) {
        session = AdsSession.create(loop, List.of(servers), XdsNode.of("n1", "c1"), settings, new Random(1), tls);
        loop.execute(() -> session.start(handler));
    }

    static LiveSession of(String... targets) {
        XdsServer[] servers =
                List.of(targets).stream().map(XdsServer::plaintext).toArray(XdsServer[]::new);
        return new LiveSession(QUICK, servers);
    }

    LiveSession wants(Consumer<Subscriptions> wishes) {
        loop.execute(() -> wishes.accept(session));
        return this;
    }

    ConnectionStatus connection() {
        return session.connection();
    }

    String error() {
        return String.valueOf(session.connection().error());
    }

    @Override
    public void close() {
        loop.execute(session::close);
        loop.close();
    }
}
