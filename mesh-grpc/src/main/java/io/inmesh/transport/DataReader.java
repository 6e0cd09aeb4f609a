package io.inmesh.transport;

import io.inmesh.model.DataSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a control plane names of this machine, if the application allows it, and remembers the files so that their changes are seen. One for each
 * reading of a context. It blocks on files.
 */
final class DataReader {
    /** No certificate, and no bundle of all roots of an operating system, is as long. */
    private static final int MAX_BYTES = 4 << 20;

    private final TlsOptions options;
    private final UnaryOperator<@Nullable String> environment;
    private final Map<DataSource.File, String> prints = new LinkedHashMap<>();
    private final List<String> contents = new ArrayList<>();

    DataReader(TlsOptions options, UnaryOperator<@Nullable String> environment) {
        this.options = options;
        this.environment = environment;
    }

    byte[] read(DataSource source) throws SecretException {
        byte[] bytes;
        if (source instanceof DataSource.Inline inline) {
            bytes = inline.bytes();
        } else if (source instanceof DataSource.File file) {
            bytes = readFile(file);
        } else {
            bytes = readEnvironment(((DataSource.Environment) source).name());
        }
        contents.add(HexFormat.of().formatHex(PeerChain.sha256(bytes)));
        return bytes;
    }

    /** The digests of what was read, in order; equal lists mean that nothing has changed. */
    List<String> contents() {
        return contents;
    }

    boolean readsFiles() {
        return !prints.isEmpty();
    }

    /** Whether a file that was asked for is another now. */
    boolean filesChanged() {
        return prints.entrySet().stream().anyMatch(each -> !each.getValue().equals(print(each.getKey())));
    }

    private byte[] readFile(DataSource.File file) throws SecretException {
        prints.put(file, print(file)); // before it is read: what changes meanwhile is read again
        Path named = Path.of(file.path()).toAbsolutePath().normalize();
        Path real;
        try {
            real = named.toRealPath();
        } catch (IOException e) {
            if (!allowed(named)) {
                throw notAllowed(file);
            }
            throw SecretException.of("file " + file.path() + " cannot be read");
        }
        // Where the links lead counts: a link out of an allowed folder is no way out.
        if (!allowed(real)) {
            throw notAllowed(file);
        }
        try {
            if (Files.size(real) > MAX_BYTES) {
                throw SecretException.of("file " + file.path() + " is longer than " + MAX_BYTES + " bytes");
            }
            return Files.readAllBytes(real);
        } catch (IOException e) {
            throw SecretException.of("file " + file.path() + " cannot be read");
        }
    }

    private boolean allowed(Path path) {
        for (String prefix : options.allowedFiles()) {
            Path folder = Path.of(prefix).toAbsolutePath().normalize();
            if (path.startsWith(folder) || path.startsWith(real(folder))) {
                return true;
            }
        }
        return false;
    }

    private static Path real(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            return folder; // it is not there yet
        }
    }

    private static SecretException notAllowed(DataSource.File file) {
        return SecretException.forGood("file " + file.path() + " may not be named by a control plane here");
    }

    private byte[] readEnvironment(String name) throws SecretException {
        if (!options.allowedEnvironment().contains(name)) {
            throw SecretException.forGood("environment variable " + name + " may not be named by a control plane here");
        }
        String value = environment.apply(name);
        if (value == null) {
            throw SecretException.forGood("environment variable " + name + " is not set");
        }
        return value.getBytes(StandardCharsets.UTF_8);
    }

    /** What changes when a file does, also if a link on its way is exchanged, as Kubernetes does with {@code ..data}. */
    private static String print(DataSource.File file) {
        String own = print(Path.of(file.path()));
        return file.watchedDirectory() == null ? own : own + " " + print(Path.of(file.watchedDirectory()));
    }

    private static String print(Path path) {
        try {
            Path real = path.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            return real + " " + attributes.fileKey() + " " + attributes.size() + " "
                    + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        } catch (IOException e) {
            return "missing";
        }
    }
}
