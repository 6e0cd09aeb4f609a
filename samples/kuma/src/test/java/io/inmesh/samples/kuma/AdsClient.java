package io.inmesh.samples.kuma;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.Dial;
import io.inmesh.grpc.MeshTlsCredentials;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Speaks to a data plane server word by word, with none of the client under test but its TLS. */
final class AdsClient implements AutoCloseable {
    static final String PREFIX = "type.googleapis.com/";
    static final String CLUSTER = PREFIX + "envoy.config.cluster.v3.Cluster";
    static final String ENDPOINTS = PREFIX + "envoy.config.endpoint.v3.ClusterLoadAssignment";
    static final String LISTENER = PREFIX + "envoy.config.listener.v3.Listener";
    static final String SECRET = PREFIX + "envoy.extensions.transport_sockets.tls.v3.Secret";

    private final MeshTls tls;
    private final ManagedChannel channel;

    AdsClient(String address, String pin) {
        tls = MeshTls.create(SecretProvider.firstOf(List.of()), TlsOptions.DEFAULT);
        channel = Dial.to(
                        address,
                        MeshTlsCredentials.of(
                                tls.client(ControlPlaneTls.to(address)
                                        .pinCertificate(pin)
                                        .settings()),
                                Duration.ofSeconds(5)))
                .build();
    }

    static Node node(String id) {
        Value kumaDp = struct(Struct.newBuilder().putFields("version", text("2.14.3")));
        Struct.Builder metadata = Struct.newBuilder()
                .putFields("dataplane.proxyType", text("dataplane"))
                .putFields("dataplane.dns.port", text("15053"))
                .putFields("version", struct(Struct.newBuilder().putFields("kumaDp", kumaDp)));
        return Node.newBuilder().setId(id).setMetadata(metadata).build();
    }

    /** A version that says nothing of kuma-dp. */
    static Node nodeWithoutKumaDp(String id) {
        Value version = struct(Struct.newBuilder().putFields("other", text("1")));
        return Node.newBuilder()
                .setId(id)
                .setMetadata(Struct.newBuilder().putFields("version", version))
                .build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static Value struct(Struct.Builder value) {
        return Value.newBuilder().setStructValue(value).build();
    }

    Sotw sotw() {
        Answers<DiscoveryResponse> answers = new Answers<>();
        return new Sotw(AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(answers), answers);
    }

    Delta delta() {
        Answers<DeltaDiscoveryResponse> answers = new Answers<>();
        return new Delta(AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(answers), answers);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        tls.close();
    }

    /** A stream of state of the world. */
    record Sotw(StreamObserver<DiscoveryRequest> requests, Answers<DiscoveryResponse> answers)
            implements AutoCloseable {
        void ask(Node node, String type, String... names) {
            requests.onNext(DiscoveryRequest.newBuilder()
                    .setNode(node)
                    .setTypeUrl(type)
                    .addAllResourceNames(List.of(names))
                    .build());
        }

        void answer(DiscoveryResponse to, String version, @Nullable String problem) {
            DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder()
                    .setTypeUrl(to.getTypeUrl())
                    .setVersionInfo(version)
                    .setResponseNonce(to.getNonce());
            if (problem != null) {
                request.setErrorDetail(
                        com.google.rpc.Status.newBuilder().setCode(3).setMessage(problem));
            }
            requests.onNext(request.build());
        }

        void acknowledge(DiscoveryResponse response) {
            answer(response, response.getVersionInfo(), null);
        }

        @Override
        public void close() {
            requests.onCompleted();
        }
    }

    /** An incremental stream. */
    record Delta(StreamObserver<DeltaDiscoveryRequest> requests, Answers<DeltaDiscoveryResponse> answers)
            implements AutoCloseable {
        void ask(Node node, String type, String... names) {
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setNode(node)
                    .setTypeUrl(type)
                    .addAllResourceNamesSubscribe(List.of(names))
                    .build());
        }

        void acknowledge(DeltaDiscoveryResponse response) {
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(response.getTypeUrl())
                    .setResponseNonce(response.getNonce())
                    .build());
        }

        @Override
        public void close() {
            requests.onCompleted();
        }
    }

    /** What comes on a stream, in its order; the end of it is a status. */
    static final class Answers<R> implements StreamObserver<R> {
        private final BlockingQueue<R> responses = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();

        @Override
        public void onNext(R response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable problem) {
            ends.add(Status.fromThrowable(problem));
        }

        @Override
        public void onCompleted() {
            ends.add(Status.OK);
        }

        R next() throws InterruptedException {
            R response = responses.poll(15, TimeUnit.SECONDS);
            if (response == null) {
                throw new AssertionError("nothing came within 15 s; the stream ended with " + ends);
            }
            return response;
        }

        /** What comes within a time, or null. */
        @Nullable
        R within(Duration time) throws InterruptedException {
            return responses.poll(time.toMillis(), TimeUnit.MILLISECONDS);
        }

        Status end() throws InterruptedException {
            Status end = ends.poll(15, TimeUnit.SECONDS);
            if (end == null) {
                throw new AssertionError("the stream did not end within 15 s");
            }
            return end;
        }
    }
}
