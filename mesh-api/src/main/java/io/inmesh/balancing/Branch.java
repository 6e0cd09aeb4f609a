package io.inmesh.balancing;

import io.inmesh.model.Assignment.Locality;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where a share of the load goes: the healthy or the degraded hosts of a priority, or all of them in panic.
 *
 * @param priority   0 first
 * @param load       the share in percent
 * @param degraded   whether to the degraded hosts
 * @param panic      whether health is ignored
 * @param hosts      how many hosts the priority has
 * @param localities a choice of locality that comes first, or null
 * @param picker     the choice of a host; null when no host may be used, and where there are {@code localities}
 */
record Branch(
        int priority,
        int load,
        boolean degraded,
        boolean panic,
        int hosts,
        @Nullable Localities localities,
        @Nullable HostPicker picker) {

    /** Localities that have something to choose from, and their effective weights as a sequence. */
    record Localities(List<Locality> names, List<HostPicker> pickers, WeightedSequence sequence) {}

    @Nullable
    Host pick(long hash, RandomGenerator random, @Nullable PickTrace trace) {
        if (trace != null) {
            trace.branch(priority, load, degraded, panic, hosts);
        }
        HostPicker chosen = picker;
        if (localities != null) {
            int index = localities.sequence.next();
            chosen = localities.pickers.get(index);
            if (trace != null) {
                trace.locality(localities.names.get(index));
            }
        }
        if (chosen == null) {
            return null;
        }
        if (trace != null) {
            trace.candidates(chosen.policy(), chosen.size());
        }
        return chosen.pick(hash, random);
    }
}
