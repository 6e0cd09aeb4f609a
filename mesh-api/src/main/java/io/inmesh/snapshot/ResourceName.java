package io.inmesh.snapshot;

/**
 * A configuration resource, by kind and name.
 *
 * @param kind what it is
 * @param name its name, opaque
 */
public record ResourceName(Kind kind, String name) {

    /** The kinds of resource that a data plane knows. */
    public enum Kind {
        /** LDS. */
        LISTENER,
        /** RDS. */
        ROUTE_TABLE,
        /** CDS. */
        CLUSTER,
        /** EDS. */
        ENDPOINTS,
        /** SDS. */
        SECRET,
        /** NDS, Istio's. */
        NAME_TABLE
    }

    @Override
    public String toString() {
        return kind + " " + name;
    }
}
