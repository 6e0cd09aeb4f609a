package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** State of the world as kuma-cp 2.14's fork of go-control-plane serves it in its ADS mode. */
final class SotwStream extends AdsStream<DiscoveryRequest, DiscoveryResponse> {
    private final Map<ResourceType, Watch> watches = new EnumMap<>(ResourceType.class);
    private long nonces;

    /** The last request of a type, as long as it waits for an answer. */
    private static final class Watch {
        DiscoveryRequest request = DiscoveryRequest.getDefaultInstance();
        String nonce = "";
        boolean open;
    }

    SotwStream(RecordedControlPlane plane, StreamObserver<DiscoveryResponse> responses, String credential) {
        super(plane, responses, credential);
    }

    @Override
    Node node(DiscoveryRequest request) {
        return request.getNode();
    }

    @Override
    void request(DiscoveryRequest request, Proxy from) {
        ResourceType type = ResourceType.of(request.getTypeUrl());
        if (type == null) {
            return;
        }
        Watch watch = watches.computeIfAbsent(type, unused -> new Watch());
        if (!request.getResponseNonce().equals(watch.nonce)) {
            // It was written before the last response was read, and is dropped without a word.
            return;
        }
        watch.request = request;
        watch.open = true;
        answer(type, watch, from.state());
    }

    @Override
    void changed(Proxy of) {
        for (Map.Entry<ResourceType, Watch> each : watches.entrySet()) {
            if (each.getValue().open) {
                answer(each.getKey(), each.getValue(), of.state());
            }
        }
    }

    private void answer(ResourceType type, Watch watch, Proxy.State state) {
        String version = state.version(type);
        if (version.equals(watch.request.getVersionInfo())) {
            // Up to date, or there is nothing and never was: a type without resources has no version.
            return;
        }
        watch.open = false;
        SortedMap<String, Any> resources = state.configuration().of(type);
        if (!namesAll(watch.request, resources.keySet())) {
            // "ADS mode: not responding to request", and no later change is told either.
            return;
        }
        if (watch.request.hasErrorDetail()) {
            pause(habits().refusal());
        }
        if (type == ResourceType.SECRET) {
            pause(habits().secrets());
        }
        watch.nonce = String.valueOf(++nonces);
        send(DiscoveryResponse.newBuilder()
                .setTypeUrl(type.url())
                .setVersionInfo(version)
                .setNonce(watch.nonce)
                .addAllResources(resources.values())
                .build());
    }

    /** No names stand for everything; {@code *} is a name like any other, which nothing has. */
    private static boolean namesAll(DiscoveryRequest request, Set<String> names) {
        return request.getResourceNamesCount() == 0 || new HashSet<>(request.getResourceNamesList()).containsAll(names);
    }
}
