package io.inmesh.http.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on a free port of 127.0.0.1 that does with each connection what a script says, byte by byte. The first connection gets the first script, and
 * so on; the last script is for all further ones.
 */
public final class HostileServer implements AutoCloseable {
    private static final int LINGER_MILLIS = 30_000;

    private final ServerSocket listening;
    private final Script[] scripts;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    private HostileServer(Script[] scripts) throws IOException {
        this.scripts = scripts.clone();
        this.listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        thread("hostile-server", this::acceptAll).start();
    }

    /** What to do with one connection; it ends when the script does, and the client reads all that was sent. */
    @FunctionalInterface
    public interface Script {
        /** Plays on a thread of its own. An exception other than the connection's end is kept for {@link HostileServer#failures()}. */
        void play(Peer peer) throws Exception;
    }

    /** Starts it. */
    public static HostileServer start(Script... scripts) {
        if (scripts.length == 0) {
            throw new IllegalArgumentException("no script");
        }
        try {
            return new HostileServer(scripts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** HTTP/1.1: reads a request head, sends these bytes, and keeps the connection until the client closes it. */
    public static HostileServer answering(String response) {
        return start(peer -> {
            peer.readHead();
            peer.send(response);
            peer.awaitEnd();
        });
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** {@code 127.0.0.1:port}. */
    public String authority() {
        return "127.0.0.1:" + port();
    }

    /** How many connections it has accepted. */
    public int connections() {
        return accepted.get();
    }

    /** How many connections their script still has. */
    public int openConnections() {
        return open.size();
    }

    /** What scripts failed with, apart from the end of their connection. */
    public List<Throwable> failures() {
        return failures;
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void acceptAll() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                Script script = scripts[Math.min(accepted.getAndIncrement(), scripts.length - 1)];
                thread("hostile-peer", () -> play(script, socket)).start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void play(Script script, Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            script.play(new Peer(socket));
            open.remove(socket);
            finish(socket);
        } catch (IOException clientIsGone) {
            // What most scripts end with.
            return;
        } catch (Exception | AssertionError e) {
            failures.add(e);
        } finally {
            open.remove(socket);
        }
    }

    /** To close it with bytes unread would reset it, which takes from the client even what has come to it already. */
    private static void finish(Socket socket) throws IOException {
        if (!socket.isClosed()) {
            socket.shutdownOutput();
            socket.setSoTimeout(LINGER_MILLIS);
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
