package io.inmesh.samples.stage;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports for programs that are told theirs before they listen. They are below those that the system gives away itself, so that nobody else gets one meanwhile, or while a
 * program that starts again is away. Thread-safe.
 */
public final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int LAST = 30_000;

    private final Set<Integer> tried = ConcurrentHashMap.newKeySet();

    /** Gives no port twice. */
    public FreePorts() {}

    /**
     * A port that nothing listens on at any address.
     *
     * @throws IllegalStateException if none was found
     */
    public int next() {
        for (int i = 0; i < 1000; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (tried.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port from " + FIRST + " to " + LAST + " is free");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
