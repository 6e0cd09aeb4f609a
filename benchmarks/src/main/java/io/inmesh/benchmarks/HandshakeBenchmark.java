package io.inmesh.benchmarks;

import io.inmesh.model.DataSource;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.Secret;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.transport.ClientTls;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.ServerTls;
import io.inmesh.transport.TlsOptions;
import io.netty.buffer.ByteBufAllocator;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a connection with mutual TLS of the mesh costs until its first byte: both sides on one thread, with ECDSA certificates on P-256 that have SPIFFE ids and were issued by
 * one root, both verified.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class HandshakeBenchmark {
    /** Less than any server's flight with a certificate has. */
    private static final int WITHOUT_CERTIFICATE = 400;

    /** How a connection comes about. */
    public enum Handshake {
        /** By netty-tcnative on both sides. */
        NATIVE_FULL,
        /** The same, with a session of the connection before. */
        NATIVE_RESUMED,
        /** By the JDK's provider on both sides. It resumes no session here. */
        JDK_FULL
    }

    /** How. */
    @Param
    public Handshake handshake = Handshake.NATIVE_FULL;

    /** What is spoken. */
    @Param({"TLS_1_2", "TLS_1_3"})
    public TlsContext.Version version = TlsContext.Version.TLS_1_3;

    private final TlsPair pair = new TlsPair();
    private @Nullable MeshTls tls;
    private @Nullable ClientTls client;
    private @Nullable ServerTls server;
    private long names;

    /** Which side spends the time. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Sides {
        /** In the client's engine. */
        public long clientMicros;

        /** In the server's engine. */
        public long serverMicros;

        /** Connections. */
        public long connections;

        private void add(TlsPair pair) {
            clientMicros += TimeUnit.NANOSECONDS.toMicros(pair.clientNanos());
            serverMicros += TimeUnit.NANOSECONDS.toMicros(pair.serverNanos());
            connections++;
        }
    }

    /** Makes the identities, and sees to it that sessions are resumed if they should be, and not otherwise. */
    @Setup
    public void setUp() throws Exception {
        boolean resumed = handshake == Handshake.NATIVE_RESUMED;
        System.setProperty("io.inmesh.transport.provider", handshake == Handshake.JDK_FULL ? "jdk" : "native");
        X509Bundle root = new CertificateBuilder()
                .subject("CN=root")
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        MeshTls made = MeshTls.create(SecretProvider.firstOf(List.of()), TlsOptions.DEFAULT);
        client = made.client(new UpstreamTls(context(root, "client"), "", false, false, 1));
        server = made.server(
                new DownstreamTls(context(root, "server"), true, false, null, null, true, true, null, false));
        tls = made;
        ready(client);
        connect();
        connect();
        if (resumed == pair.sentByServer() > WITHOUT_CERTIFICATE) {
            throw new IllegalStateException("the server sent " + pair.sentByServer() + " bytes: the session was "
                    + (resumed ? "not resumed" : "resumed"));
        }
    }

    private TlsContext context(X509Bundle root, String name) throws Exception {
        X509Bundle own = new CertificateBuilder()
                .subject("CN=" + name)
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .addSanUriName("spiffe://cluster.local/ns/default/sa/" + name)
                .buildIssuedBy(root);
        Secret.Certificate certificate = Secret.Certificate.of(
                DataSource.Inline.of(own.getCertificatePathPEM()), DataSource.Inline.of(own.getPrivateKeyPEM()));
        return new TlsContext(
                new TlsContext.Parameters(version, version, List.of(), List.of()),
                List.of(new CertificateSource.Given(certificate)),
                Secret.Validation.of(DataSource.Inline.of(root.getCertificatePEM())),
                null,
                List.of());
    }

    private void ready(ClientTls caller) throws Exception {
        ServerTls called = Objects.requireNonNull(server);
        for (int side = 0; side < 2; side++) {
            CompletableFuture<String> ready = new CompletableFuture<>();
            Runnable unused = side == 0
                    ? caller.whenReady(Runnable::run, problem -> ready.complete(problem == null ? "" : problem))
                    : called.whenReady(Runnable::run, problem -> ready.complete(problem == null ? "" : problem));
            String problem = ready.get(30, TimeUnit.SECONDS);
            if (!problem.isEmpty()) {
                throw new IllegalStateException(problem);
            }
        }
    }

    /** One connection. */
    @Benchmark
    public long connect(Sides sides) throws SSLException {
        connect();
        sides.add(pair);
        return pair.sentByServer();
    }

    /** Sessions are kept by server name, so a new name has none. */
    private void connect() throws SSLException {
        ServerTls called = Objects.requireNonNull(server);
        String name = handshake == Handshake.NATIVE_RESUMED ? "shop.local" : "shop" + names++ + ".local";
        pair.connect(
                Objects.requireNonNull(client)
                        .newHandler(ByteBufAllocator.DEFAULT, name, null, List.of())
                        .engine(),
                called.newEngine(),
                called);
    }

    /** Stops its threads. */
    @TearDown
    public void tearDown() {
        if (tls != null) {
            tls.close();
        }
    }
}
