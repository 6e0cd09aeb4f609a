package io.inmesh.xds.istio;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The workload's identity as long as its source lives: kept warm from the start, so that the first call finds it and istiod can be shown its certificate.
 *
 * <p>Thread-safe.
 */
final class OwnIdentity implements AutoCloseable {
    private static final SecretName CERTIFICATE = new SecretName("cluster:sds-grpc", "default");
    private static final SecretName ROOTS = new SecretName("cluster:sds-grpc", "ROOTCA");

    private final SecretProvider provider;
    private final List<SecretProvider.Watch> watches = new ArrayList<>();
    private volatile @Nullable SecretState certificate;

    OwnIdentity(SecretProvider provider) {
        this.provider = provider;
    }

    /** No identity: whatever needs one waits, and fails. */
    static OwnIdentity none() {
        return new OwnIdentity(SecretProvider.firstOf(List.of()));
    }

    SecretProvider provider() {
        return provider;
    }

    /** Called once. */
    void start() {
        if (provider.provides(CERTIFICATE)) {
            watches.add(provider.watch(CERTIFICATE, state -> certificate = state));
        }
        if (provider.provides(ROOTS)) {
            watches.add(provider.watch(ROOTS, state -> {}));
        }
    }

    /** What is in force, or null. */
    Secret.@Nullable Certificate certificate() {
        return certificate instanceof Ready ready && ready.secret() instanceof Secret.Certificate mine ? mine : null;
    }

    @Override
    public void close() {
        watches.forEach(SecretProvider.Watch::close);
        if (provider instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException(provider + " cannot be closed", e);
            }
        }
    }
}
