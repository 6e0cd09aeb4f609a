package io.inmesh.identity;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a watcher was told. */
final class States implements Consumer<SecretState> {
    static final SecretName CERTIFICATE = new SecretName("cluster:sds-grpc", "default");
    static final SecretName ROOTS = new SecretName("cluster:sds-grpc", "ROOTCA");

    private final List<SecretState> all = new CopyOnWriteArrayList<>();

    @Override
    public void accept(SecretState state) {
        all.add(state);
    }

    List<SecretState> all() {
        return all;
    }

    SecretState last() {
        return all.get(all.size() - 1);
    }

    /** Why the secret is awaited, or null if it is there. */
    @Nullable
    String awaited() {
        return last() instanceof Awaited awaited ? awaited.reason() : null;
    }

    /** PEM of the chain. */
    String chain() {
        return text(certificate().chain());
    }

    /** PEM of the key. */
    String key() {
        return text(certificate().privateKey());
    }

    /** PEM of the roots. */
    String roots() {
        return text(((Secret.Validation) secret()).trustedCa());
    }

    boolean isReady() {
        return last() instanceof Ready;
    }

    private Secret.Certificate certificate() {
        return (Secret.Certificate) secret();
    }

    private Secret secret() {
        if (last() instanceof Ready ready) {
            return ready.secret();
        }
        throw new AssertionError("The secret is not there: " + last());
    }

    private static String text(@Nullable DataSource source) {
        if (source instanceof DataSource.Inline inline) {
            return new String(inline.bytes(), StandardCharsets.UTF_8);
        }
        throw new AssertionError("expected bytes, found " + source);
    }
}
