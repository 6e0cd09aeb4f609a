package io.inmesh.samples.quickstart;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Writes into each request of a stream which node it is from. The xDS protocol has clients say so in the first one only; java-control-plane looks for it in each when it
 * chooses what to answer.
 */
final class NodeOfStream implements ServerInterceptor {

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private Node node = Node.getDefaultInstance();

            @Override
            @SuppressWarnings("unchecked") // a message stays one of its type
            public void onMessage(Q message) {
                if (message instanceof DeltaDiscoveryRequest request) {
                    node = request.hasNode() ? request.getNode() : node;
                    super.onMessage((Q) request.toBuilder().setNode(node).build());
                } else if (message instanceof DiscoveryRequest request) {
                    node = request.hasNode() ? request.getNode() : node;
                    super.onMessage((Q) request.toBuilder().setNode(node).build());
                } else {
                    super.onMessage(message);
                }
            }
        };
    }
}
