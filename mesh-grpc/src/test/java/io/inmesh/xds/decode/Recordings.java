package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.xds.protocol.ResourceKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Resources that real control planes have sent. */
public final class Recordings {
    private Recordings() {}

    /** One resource. */
    public record Recording(String file, ResourceKind kind, String name, Any body) {
        @Override
        public String toString() {
            return file;
        }
    }

    /** All of them, by name of the file. */
    public static List<Recording> all() {
        URL folder = Objects.requireNonNull(Recordings.class.getResource("/recordings"));
        try {
            Path root = Path.of(folder.toURI());
            try (Stream<Path> files = Files.walk(root)) {
                return files.filter(file -> file.toString().endsWith(".pb"))
                        .sorted()
                        .map(file -> read(root, file))
                        .toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The one of a file. */
    public static Recording of(String file) {
        return all().stream()
                .filter(each -> each.file().equals(file))
                .findFirst()
                .orElseThrow();
    }

    private static Recording read(Path root, Path file) {
        try {
            Any body = Any.parseFrom(Files.readAllBytes(file));
            ResourceKind kind = Objects.requireNonNull(ResourceKind.ofTypeUrl(body.getTypeUrl()));
            return new Recording(root.relativize(file).toString(), kind, name(kind, body), body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(ResourceKind kind, Any body) throws InvalidProtocolBufferException {
        return switch (kind) {
            case LISTENER -> Listener.parseFrom(body.getValue()).getName();
            case ROUTE_TABLE -> RouteConfiguration.parseFrom(body.getValue()).getName();
            case CLUSTER -> Cluster.parseFrom(body.getValue()).getName();
            case ENDPOINTS -> ClusterLoadAssignment.parseFrom(body.getValue()).getClusterName();
            case SECRET -> Secret.parseFrom(body.getValue()).getName();
            case NAME_TABLE -> "mesh";
        };
    }

    /** Decodes a resource of any kind. */
    public static Decoded<?> decode(ResourceKind kind, String name, Any body) {
        return switch (kind) {
            case LISTENER -> ResourceDecoder.listener(name, body);
            case ROUTE_TABLE -> ResourceDecoder.routeTable(name, body);
            case CLUSTER -> ResourceDecoder.cluster(name, body);
            case ENDPOINTS -> ResourceDecoder.endpoints(name, body);
            case SECRET -> ResourceDecoder.secret(name, body);
            case NAME_TABLE -> ResourceDecoder.nameTable(name, body, NameScope.NONE);
        };
    }
}
