package io.inmesh.xds.protocol;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.MethodDescriptor;

/**
 * A gRPC service that speaks the xDS protocol.
 *
 * @param server          what a server of it is called
 * @param port            where such a server listens
 * @param incremental     its method
 * @param stateOfTheWorld its other method
 */
record DiscoveryService(
        String server,
        String port,
        MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> incremental,
        MethodDescriptor<DiscoveryRequest, DiscoveryResponse> stateOfTheWorld) {

    /** ADS: all types on one stream. */
    static final DiscoveryService AGGREGATED = new DiscoveryService(
            "control plane",
            "xDS port of a control plane",
            AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
            AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod());

    /** SDS: secrets only, as agents on the same machine have them. */
    static final DiscoveryService SECRETS = new DiscoveryService(
            "SDS server",
            "socket or port of an agent",
            SecretDiscoveryServiceGrpc.getDeltaSecretsMethod(),
            SecretDiscoveryServiceGrpc.getStreamSecretsMethod());

    String fullName() {
        return String.valueOf(stateOfTheWorld.getServiceName());
    }
}
