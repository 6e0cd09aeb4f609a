package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
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

    SotwConversation(int server, Node node) {
        super(server, node);
    }

    @Override
    List<Message> update(Inventory inventory) {
        Said last = said.get(inventory.kind());
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
            last.version = response.getVersionInfo();
            inventory.acceptedWhole(last.version, server());
        }
        return request(inventory, last, error);
    }

    @Override
    Message health(String problem) {
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder().setTypeUrl(HEALTH);
        return problem.isEmpty()
                ? request.build()
                : request.setErrorDetail(unhealthy(problem)).build();
    }

    private DiscoveryRequest request(Inventory inventory, Said last, @Nullable String error) {
        if (!inventory.isWildcard() && !inventory.wanted().isEmpty()) {
            last.names = Set.copyOf(inventory.wanted());
        }
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder()
                .setTypeUrl(inventory.kind().typeUrl())
                .setVersionInfo(last.version)
                .setResponseNonce(last.nonce)
                .addAllResourceNames(last.names);
        Node node = nodeOnce();
        if (node != null) {
            request.setNode(node);
        }
        if (error != null) {
            request.setErrorDetail(refusal(error));
        }
        return request.build();
    }
}
