package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import io.inmesh.xds.protocol.XdsServer.Habits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An incremental stream. What was subscribed to is what was sent, never derived from what was received: some servers send more than was asked
 * for, and unsubscribing from that would make them send it again.
 */
final class DeltaConversation extends Conversation {
    private final Map<ResourceKind, Set<String>> subscribed = new EnumMap<>(ResourceKind.class);

    DeltaConversation(int server, Node node, Habits habits) {
        super(server, node, habits);
    }

    @Override
    List<Message> update(Inventory inventory) {
        Set<String> target = new LinkedHashSet<>();
        if (inventory.isWildcard()) {
            target.add(Subscriptions.WILDCARD);
        }
        target.addAll(inventory.wanted());
        Set<String> last = subscribed.get(inventory.kind());
        boolean first = last == null;
        if (last == null) {
            last = Set.of();
        }
        // A first request without names would be a wildcard (xDS protocol, "How the client specifies what resources to
        // return").
        if (first && target.isEmpty()) {
            return List.of();
        }
        List<String> subscribe = new ArrayList<>();
        for (String name : target) {
            // Subscribing once more makes the server send the resource once more.
            if (!last.contains(name) || inventory.mustBeAskedFor(name)) {
                subscribe.add(name);
            }
        }
        List<String> unsubscribe = new ArrayList<>(last);
        unsubscribe.removeAll(target);
        if (subscribe.isEmpty() && unsubscribe.isEmpty()) {
            return List.of();
        }
        DeltaDiscoveryRequest.Builder request = request(inventory.kind())
                .addAllResourceNamesSubscribe(subscribe)
                .addAllResourceNamesUnsubscribe(unsubscribe);
        if (first) {
            request.putAllInitialResourceVersions(inventory.versionsFor(server()));
        }
        subscribed.put(inventory.kind(), target);
        return List.of(request.build());
    }

    @Override
    boolean hasAskedFor(ResourceKind kind) {
        return subscribed.containsKey(kind);
    }

    @Override
    Collection<String> onTheWire(ResourceKind kind) {
        return subscribed.getOrDefault(kind, Set.of());
    }

    @Override
    Message answer(Message message, Inventory inventory) {
        DeltaDiscoveryResponse response = (DeltaDiscoveryResponse) message;
        List<IncomingResource> incoming = new ArrayList<>(response.getResourcesCount());
        for (int i = 0; i < response.getResourcesCount(); i++) {
            incoming.add(IncomingResource.delta(inventory.kind(), response.getResources(i), i));
        }
        Set<String> removed = new LinkedHashSet<>(response.getRemovedResourcesList());
        for (ResourceName name : response.getRemovedResourceNamesList()) {
            removed.add(name.getName());
        }
        String error = inventory.apply(incoming, List.copyOf(removed), false, server());
        DeltaDiscoveryRequest.Builder request = request(inventory.kind()).setResponseNonce(response.getNonce());
        Status refusal = refusal(inventory.kind(), error);
        if (refusal != null) {
            request.setErrorDetail(refusal);
        }
        return request.build();
    }

    @Override
    Message health(String problem) {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(HEALTH);
        return problem.isEmpty()
                ? request.build()
                : request.setErrorDetail(unhealthy(problem)).build();
    }

    private DeltaDiscoveryRequest.Builder request(ResourceKind kind) {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(kind.typeUrl());
        Node node = nodeOnce();
        if (node != null) {
            request.setNode(node);
        }
        return request;
    }
}
