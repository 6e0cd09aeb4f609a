package io.inmesh.xds.decode;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * A cluster and what it brings along.
 *
 * @param cluster   the cluster
 * @param endpoints its own endpoints, whose addresses are host names if its discovery is DNS; null if they come by EDS
 */
public record DecodedCluster(Cluster cluster, @Nullable Assignment endpoints) {}
