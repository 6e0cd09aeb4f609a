package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Any;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Reads what was recorded of a kuma-cp: a folder a proxy, in it a folder a type, in it a file a resource. */
public final class Recording {
    private Recording() {}

    /**
     * All that a proxy was sent by a kuma-cp 2.14.3.
     *
     * @param proxy such as {@code mesh-identity/web}
     */
    public static ProxyConfiguration of(String proxy) throws IOException {
        return of("kuma-2.14.3", proxy);
    }

    /**
     * All that a proxy was sent.
     *
     * @param controlPlane {@code kuma-2.14.3} or {@code kuma-3.0-dev}
     * @param proxy        such as {@code mesh-identity/web}
     */
    public static ProxyConfiguration of(String controlPlane, String proxy) throws IOException {
        URL folder = Recording.class.getResource("/recordings/" + controlPlane + "/" + proxy);
        if (folder == null) {
            throw new IOException("There is no recording of " + proxy + " by " + controlPlane);
        }
        try (Stream<Path> files = Files.walk(Path.of(folder.toURI()))) {
            ProxyConfiguration configuration = ProxyConfiguration.EMPTY;
            for (Path file :
                    (Iterable<Path>) files.filter(each -> each.toString().endsWith(".pb"))::iterator) {
                configuration = with(configuration, file);
            }
            return configuration;
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static ProxyConfiguration with(ProxyConfiguration configuration, Path file) throws IOException {
        Any resource = Any.parseFrom(Files.readAllBytes(file));
        ResourceType type = ResourceType.of(resource.getTypeUrl());
        if (type == null) {
            throw new IOException(file + " holds a " + resource.getTypeUrl());
        }
        // A colon is no part of a file's name.
        String name = file.getFileName().toString().replaceFirst("\\.pb$", "").replace('~', ':');
        return configuration.with(type, name, resource);
    }
}
