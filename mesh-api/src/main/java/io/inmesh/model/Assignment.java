package io.inmesh.model;

import java.util.List;
import java.util.Map;

/**
 * The endpoints of one cluster: {@code envoy.config.endpoint.v3.ClusterLoadAssignment}.
 *
 * @param name                the resource's name
 * @param localities          groups of endpoints, each of one priority
 * @param overprovisioning    {@code policy.overprovisioning_factor} in percent, 140 by default
 * @param weightedPriorityHealth {@code policy.weighted_priority_health}: health counts by weight instead of by number
 */
public record Assignment(
        String name, List<LocalityEndpoints> localities, int overprovisioning, boolean weightedPriorityHealth) {

    /** Envoy's default of {@code overprovisioning_factor}. */
    public static final int DEFAULT_OVERPROVISIONING = 140;

    /**
     * Endpoints of one locality and one priority.
     *
     * @param locality  where they are
     * @param priority  0 is the highest
     * @param weight    {@code load_balancing_weight}; 0 when unset
     * @param endpoints in the order given
     * @param metadata  {@code metadata.filter_metadata}, as nested maps
     */
    public record LocalityEndpoints(
            Locality locality,
            int priority,
            int weight,
            List<Endpoint> endpoints,
            Map<String, Map<String, Object>> metadata) {
        /** Endpoints of a locality without metadata. */
        public LocalityEndpoints(Locality locality, int priority, int weight, List<Endpoint> endpoints) {
            this(locality, priority, weight, endpoints, Map.of());
        }
    }

    /** Region, zone and sub-zone; empty strings where unset. */
    public record Locality(String region, String zone, String subZone) {
        /** Nothing known. */
        public static final Locality UNKNOWN = new Locality("", "", "");

        @Override
        public String toString() {
            return region + "/" + zone + "/" + subZone;
        }
    }

    /** No endpoint at all. */
    public static Assignment empty(String name) {
        return new Assignment(name, List.of(), DEFAULT_OVERPROVISIONING, false);
    }

    /** All endpoints in one locality of priority 0. */
    public static Assignment of(String name, Endpoint... endpoints) {
        return new Assignment(
                name,
                List.of(new LocalityEndpoints(Locality.UNKNOWN, 0, 0, List.of(endpoints))),
                DEFAULT_OVERPROVISIONING,
                false);
    }

    /** The number of endpoints over all localities. */
    public int size() {
        int size = 0;
        for (LocalityEndpoints locality : localities) {
            size += locality.endpoints().size();
        }
        return size;
    }
}
