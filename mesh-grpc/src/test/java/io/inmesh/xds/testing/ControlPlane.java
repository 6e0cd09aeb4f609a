package io.inmesh.xds.testing;

import com.google.protobuf.Message;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.DiscoveryServerCallbacks;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A real control plane in process: java-control-plane on loopback, for any node, on both transports. It can be stopped and started again on
 * the same port; what was set stays.
 *
 * <p>It is silent about types that are none of Envoy's. java-control-plane answers a state-of-the-world request only if every resource that it names exists.
 */
public final class ControlPlane implements AutoCloseable {
    private static final String EVERY_NODE = "";

    private final SimpleCache<String> cache = new SimpleCache<>(node -> EVERY_NODE);
    private final AtomicLong versions = new AtomicLong();
    private final BlockingQueue<String> refusals = new LinkedBlockingQueue<>();
    private @Nullable Server server;
    private int port;

    private ControlPlane() {}

    /** A control plane on a free port that has nothing to say yet. */
    public static ControlPlane start() {
        ControlPlane controlPlane = new ControlPlane();
        controlPlane.restart();
        return controlPlane;
    }

    /** Its address as a gRPC target; the same for its whole life. */
    public String target() {
        return "127.0.0.1:" + port;
    }

    /**
     * Puts these resources, of any type, in the place of all that were set before.
     *
     * @return their version, which the client acknowledges
     */
    public String set(Message... resources) {
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> endpoints = new ArrayList<>();
        List<Listener> listeners = new ArrayList<>();
        List<RouteConfiguration> routes = new ArrayList<>();
        List<Secret> secrets = new ArrayList<>();
        for (Message resource : resources) {
            if (resource instanceof Cluster cluster) {
                clusters.add(cluster);
            } else if (resource instanceof ClusterLoadAssignment assignment) {
                endpoints.add(assignment);
            } else if (resource instanceof Listener listener) {
                listeners.add(listener);
            } else if (resource instanceof RouteConfiguration table) {
                routes.add(table);
            } else if (resource instanceof Secret secret) {
                secrets.add(secret);
            } else {
                throw new IllegalArgumentException(
                        resource.getDescriptorForType().getFullName() + " is not a resource");
            }
        }
        String version = "v" + versions.incrementAndGet();
        cache.setSnapshot(EVERY_NODE, Snapshot.create(clusters, endpoints, listeners, routes, secrets, version));
        return version;
    }

    /** The text of the next refusal that a client sends. */
    public String awaitRefusal() {
        String refusal = ScriptedAdsServer.poll(refusals);
        if (refusal == null) {
            throw new AssertionError("Nothing was refused");
        }
        return refusal;
    }

    /** Cuts all connections and frees the port. */
    public void stop() {
        Server running = server;
        server = null;
        if (running != null) {
            running.shutdownNow();
            try {
                running.awaitTermination(ScriptedAdsServer.WAIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Starts on the same port again. */
    public void restart() {
        try {
            Server started = NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .maxInboundMessageSize(64 << 20)
                    .addService(new V3DiscoveryServer(new RefusalRecorder(), cache).getAggregatedDiscoveryServiceImpl())
                    .intercept(new OnlyKnownTypes())
                    .build()
                    .start();
            server = started;
            port = started.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** java-control-plane breaks a stream off on which a type is asked for that it has never heard of, such as Istio's table of names; istiod and others say nothing. */
    private static final class OnlyKnownTypes implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata metadata, ServerCallHandler<Q, R> next) {
            return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(
                    next.startCall(call, metadata)) {
                @Override
                public void onMessage(Q request) {
                    if (typeUrl(request).contains("envoy.")) {
                        super.onMessage(request);
                    } else {
                        call.request(1);
                    }
                }
            };
        }

        private static String typeUrl(Object request) {
            return request instanceof DiscoveryRequest sotw
                    ? sotw.getTypeUrl()
                    : ((DeltaDiscoveryRequest) request).getTypeUrl();
        }
    }

    private final class RefusalRecorder implements DiscoveryServerCallbacks {
        @Override
        public void onV3StreamRequest(long streamId, DiscoveryRequest request) {
            if (request.hasErrorDetail()) {
                refusals.add(request.getErrorDetail().getMessage());
            }
        }

        @Override
        public void onV3StreamDeltaRequest(long streamId, DeltaDiscoveryRequest request) {
            if (request.hasErrorDetail()) {
                refusals.add(request.getErrorDetail().getMessage());
            }
        }
    }
}
