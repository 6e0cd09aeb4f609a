package io.inmesh.identity;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.transport.ClientTls;
import io.inmesh.xds.files.FileWatch;
import io.inmesh.xds.protocol.SessionLoop;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An identity of Istio's own certificate authority, without an agent: a key made in this process, which never leaves it, and a certificate that istiod
 * signs because of the workload's service-account token, or, once that has ended, of the last certificate. It is renewed at half of its life. While istiod is away the last certificate stays in force until
 * it ends; then connections wait for a new one, and the reason is told.
 *
 * <p>The roots are those of the file with which istiod itself is trusted, and the one that istiod returns with the certificate.
 *
 * <p>Nothing is asked for before somebody watches. Thread-safe.
 */
public final class IstiodIdentity implements SecretProvider, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IstiodIdentity.class);

    private final String target;
    private final IdentityNames names;
    private final Path rootsFile;
    private final SessionLoop loop;
    private final Runnable onClose;
    private final SecretBoard<IdentityPart> board;
    private final Enrolment enrolment;
    private @Nullable FileWatch watch;
    private @Nullable String returnedRoot;
    private String problem = "";

    IstiodIdentity(
            IstiodIdentityBuilder told,
            String spiffeId,
            SessionLoop loop,
            RandomGenerator random,
            Function<UpstreamTls, ClientTls> tls,
            Runnable onClose) {
        this.target = told.target;
        this.names = told.names;
        this.rootsFile = told.roots;
        this.loop = loop;
        this.onClose = onClose;
        this.board = new SecretBoard<>(loop, new Asking());
        this.enrolment = new Enrolment(
                loop,
                random,
                new IstiodAuthority(
                        told.target,
                        tls,
                        told.access(this::certificate, loop::now),
                        told.clusterId,
                        told.timeout,
                        loop),
                new Enrolment.Wish(spiffeId, told.keyType, told.validity),
                board,
                this::returned);
    }

    /** Begins to describe an identity. The target is istiod's port with TLS, such as {@code istiod.istio-system.svc:15012}. */
    public static IstiodIdentityBuilder at(String target) {
        return new IstiodIdentityBuilder(target);
    }

    @Override
    public boolean provides(SecretName name) {
        return names.includes(name);
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        return board.watch(names.partOf(name), listener);
    }

    /** Asks no more. */
    @Override
    public void close() {
        loop.execute(this::stop);
        onClose.run();
    }

    @Override
    public String toString() {
        return "the identity from the certificate authority at " + target;
    }

    /** What is in force, or null. */
    private Secret.@Nullable Certificate certificate() {
        return board.state(IdentityPart.CERTIFICATE) instanceof Ready ready
                        && ready.secret() instanceof Secret.Certificate certificate
                ? certificate
                : null;
    }

    private void stop() {
        enrolment.stop();
        FileWatch running = watch;
        watch = null;
        if (running != null) {
            running.close();
        }
    }

    private void returned(String root) {
        returnedRoot = root;
        readRoots();
    }

    private void readRoots() {
        try {
            String roots = FileIdentity.read(rootsFile);
            board.put(
                    IdentityPart.ROOTS,
                    new Ready(Material.roots(returnedRoot == null ? roots : Material.union(roots, returnedRoot))));
            problem = "";
        } catch (BadMaterialException e) {
            String reason = "the roots " + rootsFile + ": " + e.getMessage();
            board.fail(IdentityPart.ROOTS, reason);
            if (!reason.equals(problem)) {
                problem = reason;
                log.warn("{}{}", reason, board.isReady(IdentityPart.ROOTS) ? "; the last ones stay in force" : "");
            }
        }
    }

    private final class Asking implements SecretBoard.Demand<IdentityPart> {
        @Override
        public void wanted(IdentityPart part) {
            if (watch == null) {
                watch = FileWatch.start(rootsFile, () -> loop.execute(IstiodIdentity.this::readRoots));
                readRoots();
            }
            // The roots alone need no certificate, but its answer tells of roots to come.
            enrolment.start();
        }

        @Override
        public void released(IdentityPart part) {
            if (!board.isWatched()) {
                stop();
            }
        }

        @Override
        public String awaited(IdentityPart part) {
            return part == IdentityPart.CERTIFICATE
                    ? "a certificate from the certificate authority at " + target
                    : "the roots " + rootsFile + " are not read yet";
        }
    }
}
