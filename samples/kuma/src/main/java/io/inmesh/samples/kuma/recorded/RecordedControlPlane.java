package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Message;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A data plane server that behaves as that of kuma-cp 2.14.3: TLS with a certificate of its own making, one stream a node, a raw token,
 * both transports with their oddities. What it serves is told from outside.
 *
 * <p>Thread-safe.
 */
public final class RecordedControlPlane implements AutoCloseable {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<String> CREDENTIAL = Context.keyWithDefault("credential", "");

    private final Habits habits;
    private final Map<String, Proxy> proxies = new ConcurrentHashMap<>();
    private final Map<String, AdsStream<?, ?>> active = new ConcurrentHashMap<>();
    private final Set<String> cameWithStream = ConcurrentHashMap.newKeySet();
    private final List<AdsStream<?, ?>> streams = new CopyOnWriteArrayList<>();
    private final List<Consumer<Message>> observers = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(RecordedControlPlane::daemon);
    private final X509Bundle certificate;
    private volatile @Nullable String token;
    private volatile boolean incremental = true;
    private volatile boolean stateOfTheWorld = true;
    private @Nullable Server server;
    private int port;

    /** A server that is not started. */
    public RecordedControlPlane(Habits habits) throws Exception {
        this.habits = habits;
        Instant now = Instant.now();
        certificate = new CertificateBuilder()
                .ecp256()
                .subject("CN=kuma-cp")
                .setIsCertificateAuthority(true)
                .addSanDnsName("localhost")
                .notBefore(now.minus(Duration.ofMinutes(1)))
                .notAfter(now.plus(Duration.ofDays(1)))
                .buildSelfSigned();
    }

    /** Starts it, on the port that it had before if it had one. */
    public void start() throws IOException {
        Server started = Grpc.newServerBuilderForPort(
                        port, TlsServerCredentials.create(stream(certificate.getCertificatePEM()), stream(key())))
                .addService(new Service())
                .intercept(new CredentialReader())
                // kuma-cp's own limit: who pings more often is sent away.
                .permitKeepAliveTime(15, TimeUnit.SECONDS)
                .build()
                .start();
        port = started.getPort();
        server = started;
    }

    /** Ends all streams and takes no other, until it is started again. */
    public void stop() throws InterruptedException {
        Server running = server;
        server = null;
        if (running != null) {
            running.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
        streams.clear();
        active.clear();
    }

    /** Ends all streams; new ones are taken. */
    public void cutStreams() {
        streams.forEach(AdsStream::cut);
    }

    /** Where it is. */
    public String address() {
        return "localhost:" + port;
    }

    /** The SHA-256 of its certificate. */
    public String pin() throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(certificate.getCertificate().getEncoded()));
    }

    /** Expects this token of every new stream from now on. */
    public void expectToken(String raw) {
        token = raw;
    }

    /** Has no incremental transport any more, as many a server of xDS. */
    public void withoutIncremental() {
        incremental = false;
    }

    /** Says nothing on streams of state of the world, which it goes on taking, as kuma-cp 3 does. */
    public void silentOnStateOfTheWorld() {
        stateOfTheWorld = false;
    }

    /** Tells of every request and every response, on the threads of streams. */
    public void observe(Consumer<Message> observer) {
        observers.add(observer);
    }

    /**
     * Has a Dataplane, and configures its proxy.
     *
     * @param nodeId   {@code MESH.NAME}
     * @param identity makes its secrets, anew for each stream
     */
    public void serve(String nodeId, ProxyConfiguration configuration, Supplier<List<Secret>> identity) {
        proxies.put(nodeId, new Proxy(configuration, identity));
    }

    /** Changes what a proxy is sent. */
    public void change(String nodeId, UnaryOperator<ProxyConfiguration> change) {
        Proxy proxy = proxies.get(nodeId);
        if (proxy == null) {
            throw new IllegalArgumentException("There is no Dataplane " + nodeId);
        }
        proxy.set(change.apply(proxy.configuration()));
    }

    /** Does something later, as a new mesh settles. */
    public void later(Duration delay, Runnable task) {
        if (!clock.isShutdown()) {
            Future<?> unused = clock.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clock.shutdownNow();
    }

    Habits habits() {
        return habits;
    }

    void saw(Message request) {
        observers.forEach(each -> each.accept(request));
    }

    void sent(Message response) {
        observers.forEach(each -> each.accept(response));
    }

    ExecutorService streamThread() {
        return Executors.newSingleThreadExecutor(RecordedControlPlane::daemon);
    }

    /** The proxy of a first request, or why the stream ends. */
    Proxy admit(Node node, AdsStream<?, ?> stream, String credential) {
        Map<String, Value> metadata = node.getMetadata().getFieldsMap();
        Value version = metadata.get("version");
        if (version != null && !version.getStructValue().containsFields("kumaDp")) {
            throw Status.INTERNAL
                    .withDescription("runtime error: invalid memory address or nil pointer dereference")
                    .asRuntimeException();
        }
        String expected = token;
        if (expected != null && !expected.equals(credential)) {
            throw Status.UNKNOWN
                    .withDescription("authentication failed: could not parse token")
                    .asRuntimeException();
        }
        Proxy proxy = proxies.get(node.getId());
        if (proxy == null) {
            throw Status.UNKNOWN
                    .withDescription("resource \"" + node.getId()
                            + "\" not found; create a Dataplane in Kuma CP first or pass it as an argument to kuma-dp")
                    .asRuntimeException();
        }
        if (active.putIfAbsent(node.getId(), stream) != null) {
            throw Status.UNKNOWN
                    .withDescription("there is already an active stream from this node, try again later")
                    .asRuntimeException();
        }
        if (metadata.containsKey("dataplane.resource")) {
            cameWithStream.add(node.getId());
        }
        return proxy;
    }

    void release(String nodeId, AdsStream<?, ?> stream) {
        streams.remove(stream);
        if (cameWithStream.contains(nodeId)) {
            later(habits.deregistration(), () -> active.remove(nodeId, stream));
        } else {
            active.remove(nodeId, stream);
        }
    }

    private String key() {
        return certificate.getPrivateKeyPEM();
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "recorded-kuma-cp");
        thread.setDaemon(true);
        return thread;
    }

    private final class Service extends AggregatedDiscoveryServiceImplBase {
        @Override
        public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> responses) {
            return stateOfTheWorld
                    ? added(new SotwStream(RecordedControlPlane.this, responses, CREDENTIAL.get()))
                    : new Silence(responses);
        }

        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
                StreamObserver<DeltaDiscoveryResponse> responses) {
            return incremental
                    ? added(new DeltaStream(RecordedControlPlane.this, responses, CREDENTIAL.get()))
                    : super.deltaAggregatedResources(responses);
        }

        private <S extends AdsStream<?, ?>> S added(S stream) {
            streams.add(stream);
            return stream;
        }
    }

    /** Takes whatever comes, and ends with it. */
    private record Silence(StreamObserver<DiscoveryResponse> responses) implements StreamObserver<DiscoveryRequest> {
        @Override
        public void onNext(DiscoveryRequest request) {}

        @Override
        public void onError(Throwable problem) {}

        @Override
        public void onCompleted() {
            responses.onCompleted();
        }
    }

    private static final class CredentialReader implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String credential = headers.get(AUTHORIZATION);
            Context context = Context.current().withValue(CREDENTIAL, credential == null ? "" : credential);
            return Contexts.interceptCall(context, call, headers, next);
        }
    }
}
