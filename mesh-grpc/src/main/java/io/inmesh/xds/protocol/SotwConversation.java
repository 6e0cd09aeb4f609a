package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.xds.protocol.XdsServer.Habits;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A state-of-the-world stream. Every request names all that is wanted of its type.
 *
 * <p>An empty list of names in the first request of a type is the wildcard; {@code *} is not used, because servers built on older go-control-plane
 * leave it unanswered. The same empty list later means "nothing" to some servers and "everything" to others. So when the last name of a type is
 * given up, nothing is said: its names stay on the wire, also in acknowledgements, until there are new ones, and what comes for them is ignored.
 */
final class SotwConversation extends Conversation {
    private final Map<ResourceKind, Said> said = new EnumMap<>(ResourceKind.class);

    private static final class Said {
        Set<String> names = Set.of();
        String nonce = "";
        String version = "";
    }

    SotwConversation(int server, Node node, Habits habits) {
        super(server, node, habits);
    }

    @Override
    List<Message> update(Inventory inventory) {
        Said last = said.get(inventory.kind());
        if (habits() == Habits.KUMA && !inventory.isWildcard() && last != null) {
            return updateOfAll(inventory, last);
        }
        boolean upToDate = inventory.isWildcard()
                ? last != null
                : inventory.wanted().isEmpty() || (last != null && last.names.equals(inventory.wanted()));
        if (upToDate || !inventory.isWanted()) {
            return List.of();
        }
        if (last == null) {
            last = new Said();
            // A version says "I have this already": only true of the same server, and only if nothing is lacking.
            last.version = inventory.sotwVersionFor(server());
            said.put(inventory.kind(), last);
        }
        return List.of(request(inventory, last, null));
    }

    /**
     * Everything of the type comes without being named, but once only, and what nobody wanted then was not kept. Asked for under no version, it comes once more.
     */
    private List<Message> updateOfAll(Inventory inventory, Said last) {
        boolean lacksSome = inventory.wanted().stream().anyMatch(inventory::mustBeAskedFor);
        last.names = Set.copyOf(inventory.wanted());
        if (!lacksSome) {
            return List.of();
        }
        last.version = "";
        return List.of(request(inventory, last, null));
    }

    @Override
    boolean hasAskedFor(ResourceKind kind) {
        return said.containsKey(kind);
    }

    @Override
    Collection<String> onTheWire(ResourceKind kind) {
        Said last = said.get(kind);
        if (last == null) {
            return Set.of();
        }
        return last.names.isEmpty() ? Set.of(Subscriptions.WILDCARD) : last.names;
    }

    @Override
    Message answer(Message message, Inventory inventory) {
        DiscoveryResponse response = (DiscoveryResponse) message;
        ResourceKind kind = inventory.kind();
        Said last = said.computeIfAbsent(kind, unused -> new Said());
        List<IncomingResource> incoming = sotw(kind, response.getResourcesList(), response.getVersionInfo());
        String error = inventory.apply(incoming, List.of(), kind.fullState(), server());
        last.nonce = response.getNonce();
        if (error == null) {
            inventory.acceptedWhole(response.getVersionInfo(), server());
        }
        if (error == null || habits() == Habits.KUMA) {
            last.version = response.getVersionInfo();
        }
        return request(inventory, last, refusal(kind, error));
    }

    @Override
    Message health(String problem) {
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder().setTypeUrl(HEALTH);
        return problem.isEmpty()
                ? request.build()
                : request.setErrorDetail(unhealthy(problem)).build();
    }

    private DiscoveryRequest request(Inventory inventory, Said last, @Nullable Status refusal) {
        if (!inventory.isWildcard() && !inventory.wanted().isEmpty()) {
            last.names = Set.copyOf(inventory.wanted());
        }
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder()
                .setTypeUrl(inventory.kind().typeUrl())
                .setVersionInfo(last.version)
                .setResponseNonce(last.nonce)
                .addAllResourceNames(habits() == Habits.KUMA ? Set.of() : last.names);
        Node node = nodeOnce();
        if (node != null) {
            request.setNode(node);
        }
        if (refusal != null) {
            request.setErrorDetail(refusal);
        }
        return request.build();
    }
}
