package io.inmesh.outbound;

/** Adds up what was asked for, where {@link Long#MAX_VALUE} means without limit. */
final class Demand {

    private Demand() {}

    static long add(long demand, long more) {
        long sum = demand + more;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
