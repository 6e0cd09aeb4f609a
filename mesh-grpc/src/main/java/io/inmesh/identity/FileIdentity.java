package io.inmesh.identity;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.xds.files.FileWatch;
import io.inmesh.xds.protocol.SessionLoop;
import io.inmesh.xds.protocol.SessionThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An identity in PEM files, read when somebody first wants it and again whenever they change: volumes of Kubernetes, whose files are exchanged all at once
 * by a symbolic link, the output of {@code OUTPUT_CERTS} or of cert-manager, files written one after the other.
 *
 * <p>What cannot be used is not taken: a certificate and a key that do not belong together (yet), a file that is not whole. The last good version stays
 * in force and the log says why.
 *
 * <p>Thread-safe; no method reads a file.
 */
public final class FileIdentity implements SecretProvider, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FileIdentity.class);

    private final Builder files;
    private final IdentityNames names;
    private final SessionLoop loop;
    private final Runnable onClose;
    private final SecretBoard<IdentityPart> board;
    private final Map<IdentityPart, String> problems = new EnumMap<>(IdentityPart.class);
    private @Nullable FileWatch watch;

    private FileIdentity(Builder files, SessionLoop loop, Runnable onClose) {
        this.files = files;
        this.names = files.names;
        this.loop = loop;
        this.onClose = onClose;
        this.board = new SecretBoard<>(loop, new Reading());
    }

    /**
     * Begins to describe an identity.
     *
     * @param chain PEM of the certificate and its intermediates, the leaf first
     * @param key   PEM of its private key in PKCS#8, PKCS#1 or SEC1, without a password; it may be the same file
     * @param roots PEM of all roots that are trusted
     */
    public static Builder of(Path chain, Path key, Path roots) {
        return new Builder(chain, key, roots);
    }

    @Override
    public boolean provides(SecretName name) {
        return names.includes(name);
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        return board.watch(names.partOf(name), listener);
    }

    /** Stops watching the files. */
    @Override
    public void close() {
        loop.execute(this::stop);
        onClose.run();
    }

    @Override
    public String toString() {
        return "the identity in " + files.chain;
    }

    private void load() {
        if (watch != null) {
            take(IdentityPart.CERTIFICATE);
            take(IdentityPart.ROOTS);
        }
    }

    private void take(IdentityPart part) {
        try {
            board.put(part, new Ready(part == IdentityPart.CERTIFICATE ? certificate() : roots()));
            if (problems.remove(part) != null) {
                log.info("{} can be used again", files.described(part));
            }
        } catch (BadMaterialException e) {
            String problem = files.described(part) + ": " + e.getMessage();
            board.fail(part, problem);
            if (!problem.equals(problems.put(part, problem))) {
                log.warn("{}{}", problem, board.isReady(part) ? "; the last good version stays in force" : "");
            }
        }
    }

    private Secret certificate() throws BadMaterialException {
        return Material.certificate(read(files.chain), read(files.key));
    }

    private Secret roots() throws BadMaterialException {
        return Material.roots(read(files.roots));
    }

    static String read(Path file) throws BadMaterialException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new BadMaterialException("there is no file " + file);
        } catch (IOException e) {
            throw new BadMaterialException(file + " cannot be read: " + e);
        }
    }

    private void stop() {
        FileWatch running = watch;
        watch = null;
        if (running != null) {
            running.close();
        }
    }

    private final class Reading implements SecretBoard.Demand<IdentityPart> {
        @Override
        public void wanted(IdentityPart key) {
            if (watch == null) {
                // The watch comes first: what changes during the first reading is then read again.
                watch = FileWatch.start(files.watched(), () -> loop.execute(FileIdentity.this::load));
                load();
            }
        }

        @Override
        public void released(IdentityPart key) {
            if (!board.isWatched()) {
                stop();
            }
        }

        @Override
        public String awaited(IdentityPart key) {
            return files.described(key) + " is not read yet";
        }
    }

    /** Describes a {@link FileIdentity}. */
    public static final class Builder {
        private final Path chain;
        private final Path key;
        private final Path roots;
        private @Nullable Path watchedDirectory;
        private IdentityNames names = IdentityNames.WORKLOAD;

        private Builder(Path chain, Path key, Path roots) {
            this.chain = chain;
            this.key = key;
            this.roots = roots;
        }

        /** A directory whose change, too, says that the files are new: {@code watched_directory}. The files' own directories are watched anyway. */
        public Builder watchedDirectory(Path directory) {
            watchedDirectory = directory;
            return this;
        }

        /** The names under which it is known; {@link IdentityNames#WORKLOAD} by default. */
        public Builder names(IdentityNames secretNames) {
            names = secretNames;
            return this;
        }

        /** The identity; nothing is read before somebody wants it. */
        public FileIdentity build() {
            SessionThread loop = SessionThread.named("inmesh-identity");
            return build(loop, loop::close);
        }

        FileIdentity build(SessionLoop loop, Runnable onClose) {
            return new FileIdentity(copy(), loop, onClose);
        }

        private Builder copy() {
            Builder copy = new Builder(chain, key, roots).names(names);
            copy.watchedDirectory = watchedDirectory;
            return copy;
        }

        private List<Path> watched() {
            List<Path> watched = new ArrayList<>(List.of(chain, key, roots));
            if (watchedDirectory != null) {
                watched.add(watchedDirectory);
            }
            return watched;
        }

        private String described(IdentityPart part) {
            return part == IdentityPart.CERTIFICATE
                    ? "the certificate " + chain + " with the key " + key
                    : "the roots " + roots;
        }
    }
}
