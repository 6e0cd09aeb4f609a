package io.inmesh.xds.graph;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The JDK's resolver on a few daemon threads that end when there is nothing to do. It tells no time to live. */
public final class SystemResolver implements HostResolver, AutoCloseable {
    private static final int THREADS = 4;
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor executor;

    /** A resolver without threads yet. */
    public SystemResolver() {
        executor = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "inmesh-dns");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public CompletionStage<Resolution> resolve(String host) {
        CompletableFuture<Resolution> result = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    result.complete(new Resolution(List.of(InetAddress.getAllByName(host)), null));
                } catch (UnknownHostException | RuntimeException e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    /** Ends it; what is asked afterwards fails. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
