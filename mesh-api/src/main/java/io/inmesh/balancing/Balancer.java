package io.inmesh.balancing;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a host for one version of a cluster's hosts: first by chance a priority according to its load, then perhaps a locality, then a
 * host. Immutable but for the positions of its sequences.
 */
final class Balancer implements HostChooser {
    private static final int PERCENT = 100;

    /** Nothing to choose from. */
    static final Balancer NONE = new Balancer(new Branch[0]);

    /** For each percent of the load the branch that it goes to; empty if there is nothing to choose from. */
    private final Branch[] branches;

    private Balancer(Branch[] branches) {
        this.branches = branches;
    }

    /** A balancer over branches whose loads add up to 100. */
    static Balancer over(Iterable<Branch> branches) {
        Branch[] percents = new Branch[PERCENT];
        int next = 0;
        for (Branch branch : branches) {
            for (int i = 0; i < branch.load(); i++) {
                percents[next++] = branch;
            }
        }
        if (next != PERCENT) {
            throw new IllegalArgumentException("the loads add up to " + next);
        }
        return new Balancer(percents);
    }

    @Override
    public @Nullable Host pick(PickContext context) {
        RandomGenerator random = context.random();
        PickTrace trace = context.trace();
        if (trace != null) {
            trace.begin();
        }
        if (branches.length == 0) {
            return null;
        }
        int further = context.hostSelectionAttempts();
        while (true) {
            long hash = random.nextLong();
            Host host = branches[(int) Long.remainderUnsigned(hash, PERCENT)].pick(hash, random, trace);
            if (host == null || further <= 0 || !context.rejects(host)) {
                return host;
            }
            further--;
        }
    }
}
