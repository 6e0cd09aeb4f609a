package io.inmesh.balancing;

import io.inmesh.model.Assignment.Locality;
import org.jspecify.annotations.Nullable;

/**
 * How a choice of a host came about. Its owner gives it with {@link PickContext#trace()} and may use it again: each choice overwrites it.
 *
 * <p>Not thread-safe: it belongs to one call.
 */
public final class PickTrace {
    private int attempts;
    private int priority = -1;
    private int load;
    private boolean degraded;
    private boolean panic;
    private @Nullable Locality locality;
    private int candidates;
    private int hosts;
    private boolean named;
    private boolean overflow;
    private @Nullable String policy;

    /** How many hosts were chosen in turn, because earlier ones were rejected; 1 for a plain choice, 0 if there was no balancer to ask. */
    public int attempts() {
        return attempts;
    }

    /** The priority that was chosen, 0 first; -1 before any choice. */
    public int priority() {
        return priority;
    }

    /** The share of all requests, in percent, that goes where this one went. */
    public int load() {
        return load;
    }

    /** Whether the choice was among the degraded hosts of the priority. */
    public boolean degraded() {
        return degraded;
    }

    /** Whether too few hosts of the priority are healthy, so that health was ignored, or the choice refused. */
    public boolean panic() {
        return panic;
    }

    /** The locality that was chosen by weight, or null if localities took no part in the choice. */
    public @Nullable Locality locality() {
        return locality;
    }

    /** Among how many hosts the policy chose. */
    public int candidates() {
        return candidates;
    }

    /** How many hosts the priority has, whatever their health. */
    public int hosts() {
        return hosts;
    }

    /** The policy that chose, such as {@code round robin}; null if none did. */
    public @Nullable String policy() {
        return policy;
    }

    /** Whether there is no host because as many as the cluster may have are there, and the request named another one. */
    public boolean overflow() {
        return overflow;
    }

    void begin() {
        attempts = 0;
        priority = -1;
        load = 0;
        degraded = false;
        panic = false;
        locality = null;
        candidates = 0;
        hosts = 0;
        named = false;
        overflow = false;
        policy = null;
    }

    /** The host was not chosen but named by the request. */
    void named(@Nullable Host host, int hostsOfCluster, boolean tooMany) {
        attempts = 1;
        named = true;
        overflow = tooMany;
        candidates = host == null ? 0 : 1;
        hosts = hostsOfCluster;
        policy = host == null ? null : "the request";
    }

    void branch(int chosenPriority, int chosenLoad, boolean toDegraded, boolean inPanic, int hostsOfPriority) {
        attempts++;
        priority = chosenPriority;
        load = chosenLoad;
        degraded = toDegraded;
        panic = inPanic;
        hosts = hostsOfPriority;
        locality = null;
    }

    void locality(Locality chosen) {
        locality = chosen;
    }

    void candidates(String chosenPolicy, int number) {
        policy = chosenPolicy;
        candidates = number;
    }

    @Override
    public String toString() {
        if (named) {
            String outcome = overflow
                    ? "no place for the host that the request names"
                    : policy == null ? "the request names no host" : policy + ", which names its host";
            return outcome + " (the cluster has " + hosts + " of them)";
        }
        if (priority < 0) {
            return "no choice";
        }
        StringBuilder text = new StringBuilder(120)
                .append("priority ")
                .append(priority)
                .append(" (")
                .append(load)
                .append(" % of the load")
                .append(degraded ? ", its degraded hosts" : "")
                .append(panic ? ", in panic" : "")
                .append(')');
        if (locality != null) {
            text.append(", locality ").append(locality);
        }
        text.append(", ").append(policy == null ? "no host" : policy);
        text.append(" among ").append(candidates).append(" of ").append(hosts).append(" hosts");
        return attempts > 1 ? text.append(", choice ").append(attempts).toString() : text.toString();
    }
}
