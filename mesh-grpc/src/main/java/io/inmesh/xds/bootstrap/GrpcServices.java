package io.inmesh.xds.bootstrap;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.model.TransportSocket;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.DecodedCluster;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.files.FieldLines;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code GrpcService}s of an Envoy bootstrap as addresses to dial; each endpoint of a cluster is a server of its own. */
final class GrpcServices {
    private final String source;
    private final String text;
    private final StaticResources statics;

    GrpcServices(String source, String text, StaticResources statics) {
        this.source = source;
        this.text = text;
        this.statics = statics;
    }

    List<XdsServer> read(GrpcService service, String path, XdsTransport transport) throws ResourceFileException {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (HeaderValue header : service.getInitialMetadataList()) {
            metadata.put(header.getKey(), header.getValue());
        }
        List<XdsServer> servers = new ArrayList<>();
        if (service.hasEnvoyGrpc()) {
            String name = service.getEnvoyGrpc().getClusterName();
            int index = indexOf(name, path);
            Cluster cluster = statics.getClusters(index);
            Security security = security(cluster);
            for (String target : targets(cluster, "static_resources.clusters[" + index + "]")) {
                servers.add(new XdsServer(target, security, transport, metadata));
            }
        } else if (service.hasGoogleGrpc()) {
            GrpcService.GoogleGrpc google = service.getGoogleGrpc();
            if (google.getTargetUri().isEmpty()) {
                throw failure(path + ".google_grpc.target_uri", "expected the address of a control plane");
            }
            Security security = GoogleCredentials.of(google, source + ": " + path + ".google_grpc");
            servers.add(new XdsServer(google.getTargetUri(), security, transport, metadata));
        } else {
            throw failure(path, "expected envoy_grpc or google_grpc");
        }
        return servers;
    }

    /** The cluster's own TLS, as any cluster's: what Envoy would have checked is checked, and nothing else. */
    private Security security(Cluster cluster) {
        if (!cluster.hasTransportSocket()) {
            return new Security.Plaintext();
        }
        String place = source + ": the transport_socket of cluster " + cluster.getName();
        Decoded<DecodedCluster> decoded = ResourceDecoder.cluster(cluster.getName(), Any.pack(cluster));
        if (decoded instanceof Decoded.Rejected<DecodedCluster> rejected) {
            return new Security.Unsupported(place + ": " + rejected.reason());
        }
        TransportSocket socket =
                ((Decoded.Accepted<DecodedCluster>) decoded).value().cluster().transport();
        if (socket instanceof TransportSocket.Tls tls) {
            return new Security.Tls(tls.settings());
        }
        return socket instanceof TransportSocket.Unusable unusable
                ? new Security.Unsupported(place + ": " + unusable.reason())
                : new Security.Plaintext();
    }

    private int indexOf(String name, String path) throws ResourceFileException {
        for (int i = 0; i < statics.getClustersCount(); i++) {
            if (statics.getClusters(i).getName().equals(name)) {
                return i;
            }
        }
        throw failure(
                path + ".envoy_grpc.cluster_name", "there is no cluster '" + name + "' in static_resources.clusters");
    }

    private List<String> targets(Cluster cluster, String path) throws ResourceFileException {
        List<String> targets = new ArrayList<>();
        for (LocalityLbEndpoints locality : cluster.getLoadAssignment().getEndpointsList()) {
            for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
                targets.add(target(endpoint.getEndpoint().getAddress(), path));
            }
        }
        if (targets.isEmpty()) {
            throw failure(path + ".load_assignment", "expected an endpoint: this is the address of the control plane");
        }
        return targets;
    }

    private String target(Address address, String path) throws ResourceFileException {
        if (address.hasPipe()) {
            return "unix:" + address.getPipe().getPath();
        }
        String host = address.getSocketAddress().getAddress();
        int port = address.getSocketAddress().getPortValue();
        if (host.isEmpty() || port <= 0 || port > 65_535) {
            throw failure(
                    path + ".load_assignment.endpoints",
                    "expected a socket_address with an address and a port_value from 1 to 65535, found '" + host
                            + "' and " + port);
        }
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    private ResourceFileException failure(String field, String reason) {
        return FieldLines.failure(source, text, field, reason);
    }
}
