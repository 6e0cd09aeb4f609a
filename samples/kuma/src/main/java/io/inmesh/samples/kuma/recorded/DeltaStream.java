package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The incremental transport as kuma-cp serves it. */
final class DeltaStream extends AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private static final String WILDCARD = "*";

    private final Map<ResourceType, Watch> watches = new EnumMap<>(ResourceType.class);
    private long nonces;

    /** What a proxy wants of a type and has of it. */
    private static final class Watch {
        final Set<String> names = new HashSet<>();
        final Map<String, String> versions = new HashMap<>();
        String nonce = "";
        boolean wildcard;
        boolean refused;
        /** After a response nothing is sent before it is acknowledged or refused. */
        boolean open;

        boolean wants(String name) {
            return wildcard || names.contains(name);
        }
    }

    DeltaStream(RecordedControlPlane plane, StreamObserver<DeltaDiscoveryResponse> responses, String credential) {
        super(plane, responses, credential);
    }

    @Override
    Node node(DeltaDiscoveryRequest request) {
        return request.getNode();
    }

    @Override
    void request(DeltaDiscoveryRequest request, Proxy from) {
        ResourceType type = ResourceType.of(request.getTypeUrl());
        if (type == null) {
            return;
        }
        boolean first = !watches.containsKey(type);
        Watch watch = watches.computeIfAbsent(type, unused -> new Watch());
        if (!request.getResponseNonce().isEmpty() && !request.getResponseNonce().equals(watch.nonce)) {
            return;
        }
        subscribe(request, watch, first);
        if (first) {
            watch.versions.putAll(request.getInitialResourceVersionsMap());
        }
        watch.refused = request.hasErrorDetail();
        watch.open = true;
        answer(type, watch, from.state(), first && watch.wildcard);
    }

    @Override
    void changed(Proxy of) {
        for (Map.Entry<ResourceType, Watch> each : watches.entrySet()) {
            if (each.getValue().open) {
                answer(each.getKey(), each.getValue(), of.state(), false);
            }
        }
    }

    private static void subscribe(DeltaDiscoveryRequest request, Watch watch, boolean first) {
        if (first && request.getResourceNamesSubscribeCount() == 0) {
            watch.wildcard = true;
        }
        for (String name : request.getResourceNamesSubscribeList()) {
            if (name.equals(WILDCARD)) {
                watch.wildcard = true;
            } else {
                watch.names.add(name);
                watch.versions.remove(name);
            }
        }
        for (String name : request.getResourceNamesUnsubscribeList()) {
            watch.names.remove(name);
            watch.wildcard &= !name.equals(WILDCARD);
        }
    }

    /** A name that does not exist is answered by nothing at all. A refused resource is not sent again: its version counts as known. */
    private void answer(ResourceType type, Watch watch, Proxy.State state, boolean evenIfEmpty) {
        List<Resource> changed = new ArrayList<>();
        state.configuration().of(type).forEach((name, body) -> {
            String version = version(body);
            if (watch.wants(name) && !version.equals(watch.versions.get(name))) {
                changed.add(Resource.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .setResource(body)
                        .build());
            }
        });
        List<String> removed = new ArrayList<>(watch.versions.keySet());
        removed.removeAll(state.configuration().of(type).keySet());
        if (changed.isEmpty() && removed.isEmpty() && !evenIfEmpty) {
            return;
        }
        if (watch.refused) {
            pause(habits().refusal());
        }
        if (type == ResourceType.SECRET) {
            pause(habits().secrets());
        }
        changed.forEach(each -> watch.versions.put(each.getName(), each.getVersion()));
        removed.forEach(watch.versions::remove);
        watch.open = false;
        watch.nonce = String.valueOf(++nonces);
        if (type == ResourceType.CLUSTER) {
            sendEndpointsAgain(changed);
        }
        send(DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(type.url())
                .setNonce(watch.nonce)
                .addAllResources(changed)
                .addAllRemovedResources(removed)
                .build());
    }

    /** The endpoints of a changed cluster are pushed with it, changed or not. */
    private void sendEndpointsAgain(List<Resource> clusters) {
        Watch endpoints = watches.get(ResourceType.ENDPOINTS);
        if (endpoints != null) {
            clusters.forEach(each -> endpoints.versions.remove(each.getName()));
        }
    }

    private static String version(Any body) {
        return Integer.toHexString(body.hashCode());
    }
}
