package io.inmesh.benchmarks;

import java.util.concurrent.CompletableFuture;

/** A client under measurement: one GET, answered with 200 and 100 bytes. */
interface Candidate {

    /** Its name in the report. */
    String name();

    /** Sends, waits on the calling thread, and gives the length of the body. */
    int send() throws Exception;

    /** Sends; the length of the body arrives on a thread of the common pool. */
    CompletableFuture<Integer> sendAsync();

    /** Ends it: no connection and no thread stays behind. */
    void end() throws InterruptedException;
}
