package io.inmesh.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a whole request costs the client's process: this mesh's client beside the JDK's and beside bare Netty, HTTP/1.1 and HTTP/2 without TLS, with blocking
 * calls and with futures, 64 at a time. The server is a process of its own on another processor; all clients run in one process and take turns
 * of a second, so that what disturbs the machine disturbs all of them.
 *
 * <p>Arguments: {@code rounds=7 seconds=1 warmup=4}, in any order, each with that default. Loopback only.
 */
public final class RequestComparison {
    private static final String PARALLELISM = "java.util.concurrent.ForkJoinPool.common.parallelism";

    private RequestComparison() {}

    /** Runs the comparison. */
    public static void main(String[] arguments) throws Exception {
        // On two processors the common pool would have one thread, and CompletableFuture would then start a thread for
        // each completion.
        if (System.getProperty(PARALLELISM) == null) {
            System.setProperty(PARALLELISM, "2");
        }
        int rounds = argument(arguments, "rounds", 7);
        int seconds = argument(arguments, "seconds", 1);
        int warmup = argument(arguments, "warmup", 4);
        Process server = startServer();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(output.readLine());
            List<Cell> cells = cells(port);
            System.out.printf(
                    "Java %s, %d processors, common pool of %d, %d rounds of %d s%n",
                    Runtime.version(),
                    Runtime.getRuntime().availableProcessors(),
                    ForkJoinPool.getCommonPoolParallelism(),
                    rounds,
                    seconds);
            for (Cell cell : cells) {
                cell.check();
            }
            for (int pass = 0; pass < 2; pass++) {
                for (Cell cell : cells) {
                    cell.run(warmup / 2.0);
                    cell.forget();
                }
            }
            boolean pinned = pin(ProcessHandle.current().pid(), 0) && pin(server.pid(), 1);
            System.out.println(
                    pinned
                            ? "client on processor 0, server on processor 1, 64 requests at a time"
                            : "nothing is pinned (no taskset, or one processor), 64 requests at a time");
            for (Cell cell : cells) {
                cell.run(0.5);
                cell.forget();
            }
            for (int round = 0; round < rounds; round++) {
                // Each round begins with another one.
                Collections.rotate(cells, 1);
                for (Cell cell : cells) {
                    cell.run(seconds);
                }
            }
            report(cells);
            for (Cell cell : cells) {
                cell.end();
            }
        } finally {
            server.destroy();
        }
    }

    private static List<Cell> cells(int port) {
        List<Cell> cells = new ArrayList<>();
        for (boolean http2 : new boolean[] {false, true}) {
            List<Candidate> candidates =
                    List.of(new RawNetty(http2, port), new MeshClient(http2, port), new JdkClient(http2, port));
            for (boolean blocking : new boolean[] {true, false}) {
                for (Candidate candidate : candidates) {
                    cells.add(new Cell(http2, blocking, candidate));
                }
            }
        }
        return cells;
    }

    private static void report(List<Cell> cells) {
        System.out.println();
        System.out.println(
                "| protocol | calls | client | CPU us/request, median [min-max] | bytes/request | requests/s |"
                        + " JIT % | failed |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        cells.stream().sorted().forEach(cell -> System.out.println(cell.row()));
    }

    private static Process startServer() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                EchoServer.class.getName());
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Puts all threads of a process on one processor; false if that cannot be done. */
    private static boolean pin(long process, int processor) throws InterruptedException {
        if (Runtime.getRuntime().availableProcessors() < 2) {
            return false;
        }
        try {
            Process taskset = new ProcessBuilder(
                            "taskset", "-a", "-p", "-c", Integer.toString(processor), Long.toString(process))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return taskset.waitFor(5, TimeUnit.SECONDS) && taskset.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    private static int argument(String[] arguments, String name, int otherwise) {
        @Nullable String value = null;
        for (String argument : arguments) {
            if (argument.toLowerCase(Locale.ROOT).startsWith(name + "=")) {
                value = argument.substring(name.length() + 1);
            }
        }
        return value == null ? otherwise : Integer.parseInt(value);
    }
}
