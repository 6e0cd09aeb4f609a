package io.inmesh;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Asks the providers on the class path for a configuration source. */
final class SourceLookup {

    private SourceLookup() {}

    static ConfigurationSource find() {
        return find(ServiceLoader.load(ConfigurationSourceProvider.class));
    }

    static ConfigurationSource find(Iterable<ConfigurationSourceProvider> providers) {
        List<String> hints = new ArrayList<>();
        for (ConfigurationSourceProvider provider : providers) {
            Optional<ConfigurationSource> source = provider.find();
            if (source.isPresent()) {
                return source.get();
            }
            hints.add(provider.hint());
        }
        throw new IllegalStateException(
                hints.isEmpty()
                        ? "no configuration source: add mesh-grpc to the class path, or call Mesh.builder().source(...)"
                        : "no configuration source was found in the environment: " + String.join("; or ", hints)
                                + "; or call Mesh.builder().source(...)");
    }
}
