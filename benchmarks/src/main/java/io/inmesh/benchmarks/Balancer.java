package io.inmesh.benchmarks;

import io.inmesh.model.Cluster.Policy;

/** The balancers that are measured. */
public enum Balancer {
    /** Round robin over hosts of equal weight. */
    ROUND_ROBIN,
    /** Round robin over hosts of different weights. */
    ROUND_ROBIN_WEIGHTED,
    /** The idler of two. */
    LEAST_REQUEST,
    /** Least request over hosts of different weights. */
    LEAST_REQUEST_WEIGHTED,
    /** By chance. */
    RANDOM,
    /** Three localities by weight first, then round robin over hosts of different weights. */
    LOCALITY_WEIGHTED;

    Policy policy() {
        return switch (this) {
            case ROUND_ROBIN, ROUND_ROBIN_WEIGHTED, LOCALITY_WEIGHTED -> new Policy.RoundRobin();
            case LEAST_REQUEST, LEAST_REQUEST_WEIGHTED -> new Policy.LeastRequest(2, 1);
            case RANDOM -> new Policy.Random();
        };
    }

    boolean weighted() {
        return this == ROUND_ROBIN_WEIGHTED || this == LEAST_REQUEST_WEIGHTED || this == LOCALITY_WEIGHTED;
    }

    boolean byLocality() {
        return this == LOCALITY_WEIGHTED;
    }
}
