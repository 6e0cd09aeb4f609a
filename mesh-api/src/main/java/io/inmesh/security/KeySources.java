package io.inmesh.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.inmesh.model.DataSource;
import io.inmesh.model.JwtKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;

/** Makes sources of keys. Fetched keys belong to all filters that name the same place in the same way, and go when the last of those is gone. */
final class KeySources {
    private final Predicate<DataSource> permitted;
    private final JwksFetcher fetcher;
    private final ScheduledExecutorService scheduler;
    private final InstantSource clock;
    private final Cache<JwtKeys.Remote, RemoteKeys> remote =
            Caffeine.newBuilder().weakValues().executor(Runnable::run).build();

    KeySources(
            Predicate<DataSource> permitted,
            JwksFetcher fetcher,
            ScheduledExecutorService scheduler,
            InstantSource clock) {
        this.permitted = permitted;
        this.fetcher = fetcher;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /**
     * The keys of a provider.
     *
     * @throws IllegalArgumentException if they cannot be had; the message says why
     */
    KeySource of(JwtKeys keys, String provider) {
        if (keys instanceof JwtKeys.Remote source) {
            return remote.get(source, this::begin);
        }
        ParsedKeys parsed = JsonWebKeys.parse(read(((JwtKeys.Local) keys).source(), provider));
        if (parsed instanceof JsonWebKeys usable) {
            return new KeySource.Fixed(usable);
        }
        throw problem(provider, ((JwtStatus) parsed).text());
    }

    private RemoteKeys begin(JwtKeys.Remote source) {
        RemoteKeys keys = new RemoteKeys(source, fetcher, scheduler, clock);
        keys.start();
        return keys;
    }

    private byte[] read(DataSource source, String provider) {
        if (source instanceof DataSource.Inline inline) {
            return inline.bytes();
        }
        if (!permitted.test(source)) {
            throw problem(provider, source + " is not one that a control plane may name");
        }
        if (source instanceof DataSource.Environment variable) {
            String value = System.getenv(variable.name());
            if (value == null) {
                throw problem(provider, "environment variable " + variable.name() + " is not set");
            }
            return value.getBytes(StandardCharsets.UTF_8);
        }
        Path path = Path.of(((DataSource.File) source).path());
        try {
            if (Files.size(path) > JwksFetcher.MAX_BYTES) {
                throw problem(provider, path + " has more than " + JwksFetcher.MAX_BYTES + " bytes");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw problem(provider, path + " cannot be read: " + e);
        }
    }

    private static IllegalArgumentException problem(String provider, String reason) {
        return new IllegalArgumentException("JWT provider \"" + provider + "\": local_jwks: " + reason);
    }
}
