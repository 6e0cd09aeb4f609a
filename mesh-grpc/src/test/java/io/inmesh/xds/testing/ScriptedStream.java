package io.inmesh.xds.testing;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One stream of a {@link ScriptedAdsServer}, of either transport. Requests are kept by type, in their order. */
public final class ScriptedStream {
    private final XdsTransport transport;
    private final StreamObserver<Message> responses;
    private final Map<String, BlockingQueue<Message>> requests = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    @SuppressWarnings("unchecked") // What is sent has the type of the stream's transport.
    ScriptedStream(XdsTransport transport, ServerCallStreamObserver<?> responses) {
        this.transport = transport;
        this.responses = (StreamObserver<Message>) responses;
        responses.setOnCancelHandler(ended::countDown);
    }

    <R extends Message> StreamObserver<R> requests() {
        return new StreamObserver<>() {
            @Override
            public void onNext(R request) {
                String typeUrl = request instanceof DiscoveryRequest sotw
                        ? sotw.getTypeUrl()
                        : ((DeltaDiscoveryRequest) request).getTypeUrl();
                queue(typeUrl).add(request);
            }

            @Override
            public void onError(Throwable t) {
                ended.countDown();
            }

            @Override
            public void onCompleted() {
                ended.countDown();
            }
        };
    }

    /** Which transport the client chose. */
    public XdsTransport transport() {
        return transport;
    }

    /** The next state-of-the-world request of a type. */
    public DiscoveryRequest awaitRequest(ResourceKind kind) {
        return (DiscoveryRequest) await(kind);
    }

    /** The next incremental request of a type. */
    public DeltaDiscoveryRequest awaitDeltaRequest(ResourceKind kind) {
        return (DeltaDiscoveryRequest) await(kind);
    }

    /** Whether no request of a type is waiting to be taken. */
    public boolean isQuiet(ResourceKind kind) {
        return queue(kind.typeUrl()).isEmpty();
    }

    /** Waits until the client has ended the stream. */
    public void awaitEnd() {
        try {
            if (!ended.await(ScriptedAdsServer.WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("The client did not end the stream");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends resources of a type; {@code version} is also the nonce and, on the incremental transport, the version of each. */
    public void respond(ResourceKind kind, String version, Message... resources) {
        if (transport == XdsTransport.STATE_OF_THE_WORLD) {
            DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder()
                    .setTypeUrl(kind.typeUrl())
                    .setVersionInfo(version)
                    .setNonce(version);
            for (Message resource : resources) {
                response.addResources(Any.pack(resource));
            }
            send(response.build());
        } else {
            send(DeltaDiscoveryResponse.newBuilder()
                    .setTypeUrl(kind.typeUrl())
                    .setSystemVersionInfo(version)
                    .setNonce(version)
                    .addAllResources(wrapped(version, resources))
                    .build());
        }
    }

    /** Says on the incremental transport that resources are gone. */
    public void remove(ResourceKind kind, String nonce, String... names) {
        send(DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(kind.typeUrl())
                .setNonce(nonce)
                .addAllRemovedResources(List.of(names))
                .build());
    }

    /** Sends any response of the stream's transport. */
    public void send(Message response) {
        responses.onNext(response);
    }

    /** Ends the stream. */
    public void complete() {
        responses.onCompleted();
    }

    /** Ends the stream with an error. */
    public void fail(Status status) {
        responses.onError(status.asRuntimeException());
    }

    private Message await(ResourceKind kind) {
        return awaitAny(kind.typeUrl());
    }

    /** The next request of a type that is no resource's. */
    public Message awaitAny(String typeUrl) {
        Message request = ScriptedAdsServer.poll(queue(typeUrl));
        if (request == null) {
            throw new AssertionError(
                    "No request for " + typeUrl + " came within " + ScriptedAdsServer.WAIT_SECONDS + " s");
        }
        return request;
    }

    private BlockingQueue<Message> queue(String typeUrl) {
        return requests.computeIfAbsent(typeUrl, unused -> new LinkedBlockingQueue<>());
    }

    private static List<Resource> wrapped(String version, Message... resources) {
        List<Resource> wrapped = new ArrayList<>();
        for (Message resource : resources) {
            wrapped.add(Resource.newBuilder()
                    .setName(Resources.nameOf(resource))
                    .setVersion(version)
                    .setResource(Any.pack(resource))
                    .build());
        }
        return wrapped;
    }
}
