package io.inmesh.samples.istio.controlplane;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A process that runs until it is ended, and is ended with this JVM at the latest. What it says goes to a file. */
public final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int SHOWN_LINES = 15;

    private final String name;
    private final Path log;
    private final Process process;
    private final Thread atExit;

    private Daemon(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.atExit = new Thread(process::destroyForcibly);
        try {
            Runtime.getRuntime().addShutdownHook(atExit);
        } catch (IllegalStateException ending) {
            process.destroyForcibly();
            throw ending;
        }
    }

    /**
     * Starts it.
     *
     * @param name        for the log file {@code NAME.log} and for messages
     * @param folder      where it runs
     * @param environment beside that of this process
     */
    public static Daemon start(String name, Path folder, Map<String, String> environment, List<String> command)
            throws IOException {
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return new Daemon(name, log, builder.start());
    }

    /** Looks until it is ready. A look that fails with an {@link IOException} counts as "not yet".
     *
     * @throws IOException if the process has ended, or is not ready in time; the message has the end of its log
     */
    public void awaitReady(Callable<Boolean> look) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isReady(look)) {
            if (!process.isAlive()) {
                throw new IOException(name + " has ended with status " + process.exitValue() + ": " + lastWords());
            }
            if (System.nanoTime() > end) {
                throw new IOException(name + " is not ready after " + PATIENCE.toSeconds() + " s: " + lastWords());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static boolean isReady(Callable<Boolean> look) throws InterruptedException {
        try {
            return look.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (IOException e) {
            return false;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The file with what it says. */
    public Path log() {
        return log;
    }

    private String lastWords() throws IOException {
        List<String> lines =
                Files.readString(log, StandardCharsets.UTF_8).lines().toList();
        return log + "\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
    }

    /** Ends it without giving it time, as a machine that fails does. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() {
        process.onExit().join();
    }

    /** Asks it to end, and ends it if it does not in three seconds. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        awaitEnd();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM ends, and the hook does the same.
        }
    }
}
