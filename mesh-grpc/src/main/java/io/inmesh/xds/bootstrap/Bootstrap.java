package io.inmesh.xds.bootstrap;

import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A bootstrap that was read.
 *
 * @param source           where it was read
 * @param node             who this process is
 * @param servers          control planes, the preferred one first; empty if everything is static
 * @param wildcards        the kinds that are asked for as a whole
 * @param listenerTemplate gRPC's {@code client_default_listener_resource_name_template}; null in an Envoy bootstrap, which knows listeners by
 *                         port
 * @param serverListenerTemplate gRPC's {@code server_listener_resource_name_template}; null if it is not set
 * @param staticResources  listeners, clusters and secrets that are always there
 * @param unsupported      fields that are set and have no effect here, by path
 */
public record Bootstrap(
        String source,
        XdsNode node,
        List<XdsServer> servers,
        Set<ResourceKind> wildcards,
        @Nullable String listenerTemplate,
        @Nullable String serverListenerTemplate,
        List<RawResource> staticResources,
        List<String> unsupported) {

    private static final Pattern GRPC = Pattern.compile("[\"']?xds_servers[\"']?\\s*:");

    /** Reads a file, in Envoy's form or in gRPC's: only gRPC's has {@code xds_servers}. */
    public static Bootstrap read(Path file) throws ResourceFileException {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new ResourceFileException(
                    file.toString(), 0, "", "there is no such file; expected an Envoy or gRPC bootstrap");
        } catch (IOException e) {
            throw new ResourceFileException(file.toString(), 0, "", "cannot be read: " + e);
        }
    }

    /**
     * Reads a text, in Envoy's form or in gRPC's.
     *
     * @param source where the text comes from, for messages
     */
    public static Bootstrap parse(String source, String text) throws ResourceFileException {
        return GRPC.matcher(text).find()
                ? new GrpcBootstrap(source, text).read()
                : new EnvoyBootstrap(source, text).read();
    }
}
