package io.inmesh.benchmarks;

import io.inmesh.transport.ServerTls;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk in memory: one connection from its first byte to the first byte of the server's response, on one thread. */
final class TlsPair {
    private static final int ENOUGH = 64 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ByteBuffer toServer = ByteBuffer.allocateDirect(ENOUGH);
    private final ByteBuffer toClient = ByteBuffer.allocateDirect(ENOUGH);
    private final ByteBuffer plain = ByteBuffer.allocateDirect(ENOUGH);
    private final ByteBuffer response = ByteBuffer.allocateDirect(1);
    private long sentByServer;
    private long clientNanos;
    private long serverNanos;

    /** Bytes that the server has sent until its handshake was done: with its certificates, or without them. */
    long sentByServer() {
        return sentByServer;
    }

    /** What of the time was spent in the client's engine. */
    long clientNanos() {
        return clientNanos;
    }

    /** What of the time was spent in the server's engine. */
    long serverNanos() {
        return serverNanos;
    }

    /** Shakes hands and sends one byte, behind any session tickets; then both engines are given back. */
    void connect(SSLEngine client, SSLEngine server, ServerTls owner) throws SSLException {
        toServer.clear();
        toClient.clear();
        sentByServer = 0;
        clientNanos = 0;
        serverNanos = 0;
        try {
            client.beginHandshake();
            server.beginHandshake();
            shake(client, server);
            response.clear();
            serverNanos -= System.nanoTime();
            while (response.hasRemaining()) {
                check(server.wrap(response, toClient));
            }
            serverNanos += System.nanoTime();
            clientNanos -= System.nanoTime();
            toClient.flip();
            plain.clear();
            while (plain.position() == 0) {
                check(client.unwrap(toClient, plain));
            }
            clientNanos += System.nanoTime();
        } finally {
            owner.release(server);
            ReferenceCountUtil.release(client);
        }
    }

    private void shake(SSLEngine client, SSLEngine server) throws SSLException {
        while (shakes(client) || shakes(server)) {
            long start = System.nanoTime();
            boolean moved = step(client, toClient, toServer);
            long middle = System.nanoTime();
            int before = toClient.position();
            moved |= step(server, toServer, toClient);
            serverNanos += System.nanoTime() - middle;
            clientNanos += middle - start;
            sentByServer += Math.max(0, toClient.position() - before);
            if (!moved) {
                throw new SSLException("the handshake stands still");
            }
        }
    }

    private static boolean shakes(SSLEngine engine) {
        return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    private boolean step(SSLEngine engine, ByteBuffer from, ByteBuffer to) throws SSLException {
        boolean moved = false;
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> check(engine.wrap(NOTHING, to));
                case NEED_UNWRAP -> {
                    if (!unwrap(engine, from) && engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
                        return moved;
                    }
                }
                default -> {
                    return moved;
                }
            }
            moved = true;
        }
    }

    /** False if there is no whole record. Without any byte too, netty-tcnative notices then that its handshake is done. */
    private boolean unwrap(SSLEngine engine, ByteBuffer from) throws SSLException {
        from.flip();
        plain.clear();
        SSLEngineResult result = engine.unwrap(from, plain);
        from.compact();
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
            return false;
        }
        check(result);
        return true;
    }

    private static void check(SSLEngineResult result) throws SSLException {
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new SSLException("the handshake failed: " + result);
        }
    }
}
