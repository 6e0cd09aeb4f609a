package io.inmesh.xds.istio;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the workload's identity in files, as Istio's agent does for {@code OUTPUT_CERTS}: a virtual machine that starts again after its token has ended shows the
 * certificate that it had. Each file is exchanged as a whole and can be read by its owner only.
 *
 * @param folder where they are written, made if it is not there
 */
record CertificateFolder(Path folder) {
    static final String CHAIN = "cert-chain.pem";
    static final String KEY = "key.pem";
    static final String ROOTS = "root-cert.pem";

    private static final Logger log = LoggerFactory.getLogger(CertificateFolder.class);

    /** Writes what is there; what is awaited leaves the last files as they are. A folder that cannot be written is a warning, and no reason to stop. */
    void keep(SecretState state) {
        if (!(state instanceof Ready ready)) {
            return;
        }
        try {
            if (ready.secret() instanceof Secret.Certificate certificate) {
                // The key first: with the old chain it is refused, and the new chain makes the pair whole.
                write(KEY, certificate.privateKey());
                write(CHAIN, certificate.chain());
            } else if (ready.secret() instanceof Secret.Validation roots) {
                write(ROOTS, roots.trustedCa());
            }
        } catch (IOException | UnsupportedOperationException e) {
            log.warn("The workload's certificate cannot be kept in {}: {}", folder, e.toString());
        }
    }

    private void write(String name, @Nullable DataSource content) throws IOException {
        if (content instanceof DataSource.Inline inline) {
            Files.createDirectories(folder);
            // Made for its owner only, where the file system knows owners.
            Path written = Files.createTempFile(folder, "." + name, ".new");
            try {
                Files.write(written, inline.bytes());
                Files.move(
                        written,
                        folder.resolve(name),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                // Where it could not be moved: a private key is not to be left lying about, one more with each renewal.
                Files.deleteIfExists(written);
            }
        }
    }
}
