package io.inmesh.http.server;

import java.util.concurrent.TimeUnit;

/** What a server can do about a connection from the outside of its requests. Called from any thread; does not block. */
interface ServedSocket {

    /** Tells the peer to send no more requests, if the protocol has words for it outside of a response: {@code GOAWAY} of RFC 9113, section 6.8. */
    void goAway();

    /** Closes it, whatever runs on it. Nothing happens if it is closed. */
    void close();

    /** Runs something later, on a thread of the server's. */
    void later(Runnable task, long delay, TimeUnit unit);
}
