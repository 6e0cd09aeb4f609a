package io.inmesh.xds.protocol;

import java.util.List;
import java.util.Map;

/**
 * Takes what a control plane says. All calls come on the session's one thread, one after the other; none of them may block or throw. It may
 * call {@link Subscriptions} from within.
 */
public interface ResourceHandler {

    /**
     * One response, already freed of what nobody asked for. Also called when both lists are empty: the server has answered, and has nothing.
     *
     * @param kind    the type of all resources in it
     * @param changed new or changed resources, each name once; a state-of-the-world response may repeat what is known already
     * @param removed names that do not exist any more, or that were asked for and do not exist; on either transport
     * @return what became of {@code changed}; a bad resource never blocks a good one of the same response
     */
    Verdict onResponse(ResourceKind kind, List<RawResource> changed, List<String> removed);

    /**
     * A name that was subscribed to, or {@link Subscriptions#WILDCARD}, had no answer within the resource timeout. An answer may still come later
     * and is then given to {@link #onResponse}.
     *
     * @param kind   of what
     * @param name   which, or {@code *} for a wildcard subscription without any response: some servers never answer for a type of which they
     *               have none
     * @param reason for people: who was asked and how long ago
     */
    void onMissing(ResourceKind kind, String name, String reason);

    /**
     * What became of the resources of a response.
     *
     * @param rejected    by name, why a resource was not taken over, naming the field; its last good version stays in force. Sent to the server
     * @param unsupported by name, the fields of accepted resources that are set and have no effect, by path
     */
    record Verdict(Map<String, String> rejected, Map<String, List<String>> unsupported) {
        /** All accepted and all of it understood. */
        public static final Verdict ACCEPTED = new Verdict(Map.of(), Map.of());
    }
}
