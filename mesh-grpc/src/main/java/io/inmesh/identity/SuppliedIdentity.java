package io.inmesh.identity;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.xds.protocol.SessionLoop;
import io.inmesh.xds.protocol.SessionThread;
import java.util.function.Consumer;

/**
 * An identity that the application itself brings: from a vault, a key store, an agent of its own. What was published last stays in force.
 *
 * <p>Thread-safe.
 */
public final class SuppliedIdentity implements SecretProvider, AutoCloseable {
    private final IdentityNames names;
    private final Runnable onClose;
    private final SecretBoard<IdentityPart> board;

    /** An identity that awaits its first publication, under the names of {@link IdentityNames#WORKLOAD}. */
    public SuppliedIdentity() {
        this(IdentityNames.WORKLOAD);
    }

    /** An identity that awaits its first publication. */
    public SuppliedIdentity(IdentityNames names) {
        this(names, SessionThread.named("inmesh-identity"));
    }

    private SuppliedIdentity(IdentityNames names, SessionThread loop) {
        this(names, loop, loop::close);
    }

    SuppliedIdentity(IdentityNames names, SessionLoop loop, Runnable onClose) {
        this.names = names;
        this.onClose = onClose;
        this.board = new SecretBoard<>(loop, new NoDemand());
    }

    /**
     * Puts an identity into force for the connections made from now on. Certificate and roots are checked first, and taken together or not at all.
     *
     * @param chain PEM of the certificate and its intermediates, the leaf first
     * @param key   PEM of its private key, in PKCS#8, PKCS#1 or SEC1, without a password
     * @param roots PEM of all roots that are trusted
     * @throws IllegalArgumentException if one of them cannot be used, or the key is not that of the certificate; nothing has changed then
     */
    public void publish(String chain, String key, String roots) {
        Secret certificate;
        Secret validation;
        try {
            certificate = Material.certificate(chain, key);
            validation = Material.roots(roots);
        } catch (BadMaterialException e) {
            throw new IllegalArgumentException("The identity that was supplied cannot be used: " + e.getMessage(), e);
        }
        board.put(IdentityPart.ROOTS, new Ready(validation));
        board.put(IdentityPart.CERTIFICATE, new Ready(certificate));
    }

    @Override
    public boolean provides(SecretName name) {
        return names.includes(name);
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        return board.watch(names.partOf(name), listener);
    }

    /** Nobody is told anything any more. */
    @Override
    public void close() {
        onClose.run();
    }

    @Override
    public String toString() {
        return "an identity that the application supplies";
    }

    private static final class NoDemand implements SecretBoard.Demand<IdentityPart> {
        @Override
        public void wanted(IdentityPart key) {
            // It comes when the application has it.
        }

        @Override
        public void released(IdentityPart key) {
            // Nothing is under way.
        }

        @Override
        public String awaited(IdentityPart key) {
            return "the application has not published an identity yet (SuppliedIdentity.publish)";
        }
    }
}
