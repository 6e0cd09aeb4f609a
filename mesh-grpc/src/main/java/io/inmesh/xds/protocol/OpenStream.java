package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One stream of an {@link AdsMachine} and how far it has come. */
final class OpenStream {
    final int id;
    final Conversation conversation;
    final Set<String> ignoredTypes = new HashSet<>();
    boolean ready;
    boolean answered;
    private @Nullable String reported;

    OpenStream(int id, Conversation conversation) {
        this.id = id;
        this.conversation = conversation;
    }

    int server() {
        return conversation.server();
    }

    /**
     * The report of the workload's health; null if it was made on this stream, or cannot be made yet: whom it is about the server learns from the first request, and
     * istiod drops what comes before.
     *
     * @param problem why it is not healthy; empty if it is
     */
    @Nullable
    Message report(String problem) {
        if (!conversation.hasBegun() || problem.equals(reported)) {
            return null;
        }
        reported = problem;
        return conversation.health(problem);
    }
}
