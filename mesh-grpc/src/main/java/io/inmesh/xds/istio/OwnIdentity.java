package io.inmesh.xds.istio;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
    private final @Nullable CertificateFolder folder;
    private final List<SecretProvider.Watch> watches = new CopyOnWriteArrayList<>();
    private volatile @Nullable SecretState certificate;

    /** @param folder where it is kept, or null if it is not */
    OwnIdentity(SecretProvider provider, @Nullable CertificateFolder folder) {
        this.provider = provider;
        this.folder = folder;
    }

    /** No identity: whatever needs one waits, and fails. */
    static OwnIdentity none() {
        return new OwnIdentity(SecretProvider.firstOf(List.of()), null);
    }

    SecretProvider provider() {
        return provider;
    }

    /** Called once. */
    void start() {
        if (provider.provides(CERTIFICATE)) {
            watches.add(provider.watch(CERTIFICATE, this::certificate));
        }
        if (provider.provides(ROOTS)) {
            watches.add(provider.watch(ROOTS, this::keep));
        }
    }

    private void certificate(SecretState state) {
        certificate = state;
        keep(state);
    }

    private void keep(SecretState state) {
        if (folder != null) {
            folder.keep(state);
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
