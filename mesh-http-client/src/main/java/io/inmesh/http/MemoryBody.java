package io.inmesh.http;

import io.inmesh.outbound.RequestBody;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A small body of a request that is in memory already, sent without a turn to another thread. Only the JDK's own publisher of byte arrays and strings is known to
 * be one: it publishes everything within {@code request}, and nothing of the application's runs.
 */
final class MemoryBody implements RequestBody, Flow.Subscriber<ByteBuffer> {
    private static final Class<?> IN_MEMORY =
            BodyPublishers.ofByteArray(new byte[] {0}).getClass();
    private static final int MAX_BYTES = 64 * 1024;

    private final long contentLength;
    private final Queue<ByteBuffer> pieces = new ArrayDeque<>(2);
    private boolean complete;
    private @Nullable Receiver receiver;

    private MemoryBody(long contentLength) {
        this.contentLength = contentLength;
    }

    /** The body, or null if it must be published the long way. */
    static @Nullable MemoryBody of(BodyPublisher publisher, long contentLength) {
        if (contentLength > MAX_BYTES || !IN_MEMORY.isInstance(publisher)) {
            return null;
        }
        MemoryBody body = new MemoryBody(contentLength);
        publisher.subscribe(body);
        return body.complete ? body : null;
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public void start(Receiver newReceiver) {
        receiver = newReceiver;
    }

    @Override
    public void request(long wanted) {
        Receiver target = receiver;
        for (long i = 0; i < wanted && target != null && !pieces.isEmpty(); i++) {
            target.onData(pieces.remove());
            // The receiver may have cancelled meanwhile.
            target = receiver;
        }
        if (target != null && pieces.isEmpty()) {
            receiver = null;
            target.onEnd();
        }
    }

    @Override
    public void cancel() {
        receiver = null;
        pieces.clear();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer item) {
        pieces.add(item);
    }

    @Override
    public void onError(Throwable cause) {
        complete = false;
    }

    @Override
    public void onComplete() {
        complete = true;
    }
}
