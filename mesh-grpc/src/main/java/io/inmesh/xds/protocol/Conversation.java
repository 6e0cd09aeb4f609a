package io.inmesh.xds.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.inmesh.xds.protocol.XdsServer.Habits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has been said on one stream, in one of the two transports: names, nonces, versions. Writes requests and reads responses; what it learns
 * goes to the {@link Inventory} of the kind.
 */
abstract sealed class Conversation permits SotwConversation, DeltaConversation {
    static final String HEALTH = "type.googleapis.com/istio.v1.HealthInformation";

    private final int server;
    private final Habits habits;
    private final Map<ResourceKind, String> refusals = new EnumMap<>(ResourceKind.class);
    private @Nullable Node node;

    Conversation(int server, Node node, Habits habits) {
        this.server = server;
        this.node = node;
        this.habits = habits;
    }

    final int server() {
        return server;
    }

    /** The requests that bring the server up to date about what is wanted; none if it is. */
    abstract List<Message> update(Inventory inventory);

    /** Whether this kind was ever asked for on this stream. */
    abstract boolean hasAskedFor(ResourceKind kind);

    /** The names that the server holds us interested in, {@code *} for a wildcard. */
    abstract Collection<String> onTheWire(ResourceKind kind);

    /** Applies a whole response, then gives the request that acknowledges or refuses it. */
    abstract Message answer(Message response, Inventory inventory);

    /** Whether the server has had a request, and with it the node. */
    final boolean hasBegun() {
        return node == null;
    }

    /**
     * A report of the workload's health: istiod's {@code istio.v1.HealthInformation}, which has no body and no answer.
     *
     * @param problem why it is not healthy; empty if it is
     */
    abstract Message health(String problem);

    static Status unhealthy(String problem) {
        return Status.newBuilder()
                .setCode(Code.INTERNAL_VALUE)
                .setMessage(problem)
                .build();
    }

    /** The node goes with the first request of a stream only: {@code ApiConfigSource.set_node_on_first_message_only}, as Envoy does on ADS. */
    final @Nullable Node nodeOnce() {
        Node once = node;
        node = null;
        return once;
    }

    final Habits habits() {
        return habits;
    }

    /** What to say of a response: nothing if all was well, and to a server that suffers from refusals nothing twice. */
    final @Nullable Status refusal(ResourceKind kind, @Nullable String text) {
        if (text == null) {
            refusals.remove(kind);
            return null;
        }
        String last = refusals.put(kind, text);
        return habits == Habits.KUMA && text.equals(last) ? null : status(text);
    }

    private static Status status(String text) {
        return Status.newBuilder()
                .setCode(Code.INVALID_ARGUMENT_VALUE)
                .setMessage(text)
                .build();
    }

    static List<IncomingResource> sotw(ResourceKind kind, List<Any> resources, String version) {
        List<IncomingResource> incoming = new ArrayList<>(resources.size());
        for (int i = 0; i < resources.size(); i++) {
            incoming.add(IncomingResource.sotw(kind, resources.get(i), version, i));
        }
        return incoming;
    }
}
