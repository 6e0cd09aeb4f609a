package io.inmesh.http.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Asks the resolver where it may block, and tells a loop what it said. */
final class NameLookup {
    private final AddressResolver resolver;
    private final Executor executor;

    NameLookup(AddressResolver resolver, Executor executor) {
        this.resolver = resolver;
        this.executor = executor;
    }

    /**
     * Asks for the addresses of a name.
     *
     * @param receiver takes, on the loop, either addresses, at least one, or the reason why there is none; not called if the loop has ended
     * @return false if too many names are being resolved already, or none is any more: then the receiver is not called
     */
    boolean ask(
            String host,
            WireLoop loop,
            BiConsumer<@Nullable List<InetAddress>, @Nullable UnknownHostException> receiver) {
        try {
            executor.execute(() -> resolve(host, loop, receiver));
            return true;
        } catch (RejectedExecutionException fullOrClosing) {
            return false;
        }
    }

    /** Why a name was not asked for. */
    static UnknownHostException notAsked(String host) {
        return new UnknownHostException(host + ": too many names are being resolved, or the transport is closing");
    }

    private void resolve(
            String host,
            WireLoop loop,
            BiConsumer<@Nullable List<InetAddress>, @Nullable UnknownHostException> receiver) {
        List<InetAddress> addresses = List.of();
        UnknownHostException failure = null;
        try {
            addresses = List.copyOf(resolver.resolve(host));
            if (addresses.isEmpty()) {
                failure = new UnknownHostException(host + ": the resolver found no address");
            }
        } catch (UnknownHostException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new UnknownHostException(host + ": the resolver failed: " + e);
            failure.initCause(e);
        }
        List<InetAddress> found = failure == null ? addresses : null;
        UnknownHostException problem = failure;
        try {
            loop.execute(() -> receiver.accept(found, problem));
        } catch (RejectedExecutionException closed) {
            // The loop has ended, and with it everyone who waited for this.
            return;
        }
    }
}
