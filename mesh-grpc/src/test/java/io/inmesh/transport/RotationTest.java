package io.inmesh.transport;

import static io.inmesh.transport.Settings.certificate;
import static io.inmesh.transport.Settings.client;
import static io.inmesh.transport.Settings.common;
import static io.inmesh.transport.Settings.sds;
import static io.inmesh.transport.Settings.server;
import static io.inmesh.transport.Settings.trust;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.TlsContext;
import io.inmesh.model.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotationTest {
    private final GivenSecrets secrets = new GivenSecrets();
    private final SharedTls tls = tls(TlsOptions.DEFAULT);

    private SharedTls tls(TlsOptions options) {
        return new SharedTls(secrets, options, TlsProvider.NATIVE, Clock.systemUTC(), name -> null);
    }

    private static Secret.Certificate workload(String root) throws Exception {
        return certificate(MeshTlsTest.workload(MeshTlsTest.root(root), "spiffe://a/b"));
    }

    @Test
    void secrets_unusable_leaveTheLastGoodOnesInForceAndSayWhy() throws Exception {
        ServerTls server = tls.server(server(sds("own", "peers"), true));
        secrets.set("own", workload("root"));
        secrets.set("peers", trust(MeshTlsTest.root("root")));
        assertThat(Sockets.ready(server::whenReady)).isNull();
        assertThat(server.problem()).isNull();

        secrets.set("own", Secret.Certificate.of(DataSource.Inline.of("broken"), DataSource.Inline.of("s3cret")));

        await().until(() -> server.problem() != null);
        assertThat(server.problem()).contains("no private key in PEM").doesNotContain("s3cret");
        assertThat(server.awaited()).isNull();
        assertThat(server.generation()).isEqualTo(1);
        server.release(server.newEngine());

        secrets.set("own", workload("other"));
        await().until(() -> server.generation() == 2);
        assertThat(server.problem()).isNull();
    }

    @Test
    void secrets_sentAgain_changeNothing() throws Exception {
        ServerTls server = tls.server(server(sds("own", "peers"), true));
        Secret.Certificate own = workload("root");
        secrets.set("own", own);
        secrets.set("peers", trust(MeshTlsTest.root("root")));
        assertThat(Sockets.ready(server::whenReady)).isNull();
        secrets.set("own", own);
        secrets.set("own", workload("other"));
        await().until(() -> server.generation() > 1);

        assertThat(server.generation()).isEqualTo(2);
    }

    @Test
    void whenReady_secretsAwaited_tellsOnTheLoopOnceOrNotAtAll() throws Exception {
        ClientTls client = tls.client(client(sds("own", "peers")));
        List<String> told = new ArrayList<>();
        CompletableFuture<String> thread = new CompletableFuture<>();
        Runnable cancel = client.whenReady(Runnable::run, reason -> told.add("cancelled"));
        client.whenReady(
                Runnable::run, reason -> thread.complete(Thread.currentThread().getName()));
        cancel.run();
        await().until(() -> String.valueOf(client.awaited()).contains("nobody has set it"));
        assertThatThrownBy(() -> client.newHandler(ByteBufAllocator.DEFAULT, "", null, List.of()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("secret own");

        secrets.set("own", workload("root"));
        secrets.set("peers", trust(MeshTlsTest.root("root")));

        assertThat(thread.get(60, TimeUnit.SECONDS)).isEqualTo("inmesh-tls");
        assertThat(told).isEmpty();
        assertThat(client.awaited()).isNull();
    }

    @Test
    void whenReady_settingsThatCanNeverWork_saysSo() {
        Secret.Certificate broken = Secret.Certificate.of(DataSource.Inline.of("x"), DataSource.Inline.of("y"));

        assertThat(Sockets.ready(tls.client(client(Settings.showing(broken)))::whenReady))
                .contains("no private key in PEM");
    }

    @Test
    void whenReady_fileThatMayNotBeNamed_saysSo() {
        Secret.Certificate passwords = Secret.Certificate.of(
                new DataSource.File("/etc/passwd", null), new DataSource.File("/etc/passwd", null));

        ClientTls client = tls.client(client(Settings.showing(passwords)));

        assertThat(Sockets.ready(client::whenReady)).contains("/etc/passwd may not be named");
    }

    @Test
    void files_changed_areReadAgain(@TempDir Path folder) throws Exception {
        Path real = folder.toRealPath();
        X509Bundle first = MeshTlsTest.root("first");
        Files.writeString(real.resolve("cert"), first.getCertificatePEM());
        Files.writeString(real.resolve("key"), first.getPrivateKeyPEM());
        Secret.Certificate files = Secret.Certificate.of(
                new DataSource.File(real.resolve("cert").toString(), null),
                new DataSource.File(real.resolve("key").toString(), real.toString()));
        try (SharedTls watching = tls(new TlsOptions(Set.of(real.toString()), Set.of(), Duration.ZERO, false))) {
            ServerTls server = watching.server(server(Settings.showing(files), false));
            assertThat(Sockets.ready(server::whenReady)).isNull();

            X509Bundle second = MeshTlsTest.root("second");
            Files.writeString(real.resolve("cert"), second.getCertificatePEM());
            // Half a file may be read, too.
            await().untilAsserted(() -> assertThat(server.problem()).contains("does not belong"));
            assertThat(server.generation()).isEqualTo(1);

            Files.writeString(real.resolve("key"), second.getPrivateKeyPEM());
            await().until(() -> server.generation() == 2 && server.problem() == null);
        }
    }

    @Test
    void settings_equal_shareAndAreGivenUpWithTheLastHolder() throws Exception {
        holdAndForget();

        await().pollInSameThread().until(() -> {
            System.gc();
            return secrets.watchers() == 0;
        });
    }

    private void holdAndForget() throws Exception {
        UpstreamTls settings = client(sds("own", "peers"));
        ClientTls one = tls.client(settings);
        ClientTls two = tls.client(client(sds("own", "peers")));
        assertThat(one).isSameAs(two);
        secrets.set("own", workload("root"));
        secrets.set("peers", trust(MeshTlsTest.root("root")));
        assertThat(Sockets.ready(one::whenReady)).isNull();
        assertThat(secrets.watchers()).isEqualTo(2);
    }

    @Test
    void contexts_replaced_areReleasedWithTheirLastConnection() throws Exception {
        UpstreamTls settings = client(sds("own", "peers"));
        ContextFactory contexts = new ContextFactory(TlsProvider.NATIVE);
        LiveTls live = new LiveTls(
                "test",
                new MaterialReader(settings.common(), false, false, null, null, Clock.systemUTC()),
                () -> new DataReader(TlsOptions.DEFAULT, name -> null),
                (material, alpn) -> contexts.client(settings, material, alpn),
                List.of(),
                Runnable::run,
                TlsOptions.DEFAULT);
        secrets.set("own", workload("root"));
        secrets.set("peers", trust(MeshTlsTest.root("root")));
        live.start(secrets);
        SslContext first = live.use(generation -> generation.context(List.of("h2")));
        SSLEngine connection =
                live.use(generation -> generation.context(List.of("h2")).newEngine(ByteBufAllocator.DEFAULT));
        ReferenceCountedOpenSslContext counted = (ReferenceCountedOpenSslContext) first;

        secrets.set("own", workload("other"));
        assertThat(live.number()).isEqualTo(2);
        assertThat(counted.refCnt()).as("a connection is left").isEqualTo(1);
        ReferenceCountUtil.release(connection);
        assertThat(counted.refCnt()).isZero();

        ReferenceCountedOpenSslContext second =
                (ReferenceCountedOpenSslContext) live.use(generation -> generation.context(List.of("h2")));
        assertThat(second).isNotSameAs(first);
        live.release();
        assertThat(second.refCnt()).isZero();
        assertThatThrownBy(() -> live.use(generation -> generation.context(List.of())))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void parameters_thatNobodyKnows_makeItUnusableForGood() {
        TlsContext unknown = new TlsContext(
                new TlsContext.Parameters(
                        TlsContext.Version.AUTO, TlsContext.Version.AUTO, List.of("NO-SUCH-CIPHER"), List.of()),
                List.of(),
                null,
                null,
                List.of());
        @Nullable String reason = Sockets.ready(tls.client(client(unknown))::whenReady);

        assertThat(reason).contains("NO-SUCH-CIPHER");
        assertThat(Sockets.ready(tls.client(client(common(null, null)))::whenReady))
                .isNull();
    }
}
