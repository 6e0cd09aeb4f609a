package io.inmesh.http.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the resolver where it may block, and tells loops what it said. Who asks for a name that is being resolved waits for the same answer, so that a name
 * whose resolver hangs holds one thread, however many connections want it.
 */
final class NameLookup {
    private final AddressResolver resolver;
    private final Executor executor;
    private final ConcurrentHashMap<String, CompletableFuture<Result>> running = new ConcurrentHashMap<>();

    NameLookup(AddressResolver resolver, Executor executor) {
        this.resolver = resolver;
        this.executor = executor;
    }

    /**
     * Asks for the addresses of a name.
     *
     * @param receiver takes the result on the loop, never within this call; not called if the loop has ended
     */
    void ask(String host, WireLoop loop, Consumer<Result> receiver) {
        CompletableFuture<Result> mine = new CompletableFuture<>();
        CompletableFuture<Result> others = running.putIfAbsent(host, mine);
        tell(others == null ? mine : others, loop, receiver);
        if (others == null) {
            start(host, mine);
        }
    }

    private void start(String host, CompletableFuture<Result> lookup) {
        try {
            executor.execute(() -> end(host, lookup, resolve(host)));
        } catch (RejectedExecutionException fullOrClosing) {
            end(host, lookup, Result.notAsked(host));
        }
    }

    private void end(String host, CompletableFuture<Result> lookup, Result result) {
        running.remove(host);
        lookup.complete(result);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the result is told by the lookup itself
    private static void tell(CompletableFuture<Result> lookup, WireLoop loop, Consumer<Result> receiver) {
        lookup.thenAccept(result -> {
            try {
                loop.execute(() -> receiver.accept(result));
            } catch (RejectedExecutionException closed) {
                // The loop has ended, and with it everyone who waited for this.
                return;
            }
        });
    }

    private Result resolve(String host) {
        try {
            List<InetAddress> addresses = List.copyOf(resolver.resolve(host));
            return addresses.isEmpty()
                    ? Result.failed(new UnknownHostException(host + ": the resolver found no address"))
                    : new Result(addresses, null, true);
        } catch (UnknownHostException e) {
            return Result.failed(e);
        } catch (Throwable e) {
            // Whatever it is, somebody waits for an answer.
            UnknownHostException failure = new UnknownHostException(host + ": the resolver failed: " + e);
            failure.initCause(e);
            return Result.failed(failure);
        }
    }

    /**
     * What a lookup ends with.
     *
     * @param addresses at least one, unless there is a problem
     * @param problem   why there is no address; null if there is one
     * @param asked     whether the resolver was asked; not if too many names are being resolved, or none is any more
     */
    record Result(List<InetAddress> addresses, @Nullable UnknownHostException problem, boolean asked) {
        private static Result failed(UnknownHostException problem) {
            return new Result(List.of(), problem, true);
        }

        private static Result notAsked(String host) {
            UnknownHostException problem =
                    new UnknownHostException(host + ": too many names are being resolved, or the transport is closing");
            return new Result(List.of(), problem, false);
        }
    }
}
