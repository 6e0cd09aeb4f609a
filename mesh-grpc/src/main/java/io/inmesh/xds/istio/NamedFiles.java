package io.inmesh.xds.istio;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The secrets whose name says in which file they are, as istiod writes a DestinationRule's {@code caCertificates}, {@code clientCertificate} and
 * {@code privateKey}: {@code file-root:PATH}, {@code file-cert:CERTIFICATE~KEY}, and {@code file-root:system} for the roots of the operating system or the JVM.
 * Istio's agent reads the files; here the transport does, if the application allows that a control plane names them.
 */
final class NamedFiles implements SecretProvider {
    private static final String SERVER = "cluster:sds-grpc";
    private static final String ROOT = "file-root:";
    private static final String CERTIFICATE = "file-cert:";
    private static final Secret SYSTEM_ROOTS = new Secret.Validation(
            null,
            true,
            null,
            Secret.Validation.NONE.subjectAltNames(),
            Secret.Validation.NONE.certificateSpki(),
            Secret.Validation.NONE.certificateHashes(),
            null,
            false,
            false,
            false,
            -1);

    @Override
    public boolean provides(SecretName name) {
        return secret(name) != null;
    }

    /** The name says it all, so that the one state is the last. */
    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        Secret secret = secret(name);
        if (secret == null) {
            throw new IllegalArgumentException(name + " names no file");
        }
        listener.accept(new SecretState.Ready(secret));
        return () -> {};
    }

    private static @Nullable Secret secret(SecretName name) {
        if (!name.source().equals(SERVER)) {
            return null;
        }
        String text = name.name();
        if (text.equals(ROOT + "system")) {
            return SYSTEM_ROOTS;
        }
        if (text.startsWith(ROOT) && text.length() > ROOT.length()) {
            return Secret.Validation.of(file(text.substring(ROOT.length())));
        }
        int separator = text.indexOf('~');
        return text.startsWith(CERTIFICATE) && separator > CERTIFICATE.length() && separator < text.length() - 1
                ? Secret.Certificate.of(
                        file(text.substring(CERTIFICATE.length(), separator)), file(text.substring(separator + 1)))
                : null;
    }

    private static DataSource file(String path) {
        return new DataSource.File(path, null);
    }
}
