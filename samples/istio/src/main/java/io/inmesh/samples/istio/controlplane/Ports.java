package io.inmesh.samples.istio.controlplane;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Free ports on loopback. They are below those that the system gives to outgoing connections, so that a server that starts again finds its port free. */
public final class Ports {
    private static final int FIRST = 20_000;
    private static final int LAST = 30_000;

    private final Set<Integer> given = new HashSet<>();

    /** Gives no port twice. */
    public Ports() {}

    /**
     * A port that nothing listens on.
     *
     * @throws IllegalStateException if none was found
     */
    public int next() {
        for (int i = 0; i < 1000; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new IllegalStateException("no port from " + FIRST + " to " + LAST + " is free");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
