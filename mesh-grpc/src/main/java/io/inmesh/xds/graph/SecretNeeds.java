package io.inmesh.xds.graph;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The secrets of the control plane's own stream that resources of one kind need. Those of other sources are nothing that this graph could wait for. */
final class SecretNeeds {
    private final ResourceTable<Secret> secrets;
    private final Set<String> names = new HashSet<>();

    SecretNeeds(ResourceTable<Secret> secrets) {
        this.secrets = secrets;
    }

    void clear() {
        names.clear();
    }

    /**
     * Notes that these are needed.
     *
     * @return whether none of them is awaited any more. As in Envoy, one that does not come or cannot be used holds nothing up for longer than the control
     *     plane was given: only the connections that need it fail
     */
    boolean need(Collection<SecretName> needed) {
        boolean settled = true;
        for (SecretName each : needed) {
            if (each.source().isEmpty()) {
                names.add(each.name());
                settled &= secrets.value(each.name()) != null || secrets.problem(each.name()) != null;
            }
        }
        return settled;
    }

    Set<String> names() {
        return names;
    }
}
