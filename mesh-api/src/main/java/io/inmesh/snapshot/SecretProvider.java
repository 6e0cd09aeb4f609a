package io.inmesh.snapshot;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where secrets come from: the control plane's stream, a server of its own, files, a certificate authority, the application. One interface for all of them,
 * because TLS does not care.
 *
 * <p>Thread-safe; no method blocks.
 */
public interface SecretProvider {

    /** Whether a secret of that name is this provider's to give. Of several providers the first one counts. Constant, and quick. */
    boolean provides(SecretName name);

    /**
     * Watches a secret. The listener is told the state of this moment at once, on the calling thread, and each later one on a thread of the provider's, one
     * after the other. What is not watched is not fetched.
     *
     * @param listener quick, and never throws
     * @return to be closed when it is no longer wanted; repeated closing does nothing
     */
    Watch watch(SecretName name, Consumer<SecretState> listener);

    /** Several providers as one: for each name the first that provides it. What none provides is awaited for ever, and says so. */
    static SecretProvider firstOf(List<SecretProvider> providers) {
        return new FirstOf(providers);
    }

    /** One wish for one secret. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** What is known of a secret. */
    sealed interface SecretState {
        /** It is there. A provider that cannot renew a secret leaves the last good one in force. */
        record Ready(Secret secret) implements SecretState {}

        /**
         * It is not there yet; a connection that needs it waits, for a bounded time, and then fails.
         *
         * @param reason what is awaited, and what went wrong so far; never a part of a secret
         */
        record Awaited(String reason) implements SecretState {}
    }
}
