package io.inmesh.http;

import io.inmesh.exchange.CallLoop;
import io.inmesh.outbound.RequestBody;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that the application publishes. The publisher is called on a sequence of its own, apart from the response's: a publisher that blocks,
 * such as one that reads a stream, must not hold up an answer that comes early.
 */
final class PublishedBody implements RequestBody, Flow.Subscriber<ByteBuffer> {
    /** How long an expected 100 (continue) is waited for; RFC 9110 10.1.1 leaves the time to the client. */
    private static final long CONTINUE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final BodyPublisher publisher;
    private final long contentLength;
    private final CallLoop loop;
    private final Sequence sequence;

    // On the loop.
    private @Nullable Receiver receiver;
    private CallLoop.@Nullable Timer continueTimer;
    private boolean waitsForContinue;
    private boolean over;

    // On the sequence.
    private Flow.@Nullable Subscription subscription;
    private long wanted;
    private boolean stopped;

    // In the order of the publisher's signals.
    private long published;
    private volatile boolean complete;

    PublishedBody(
            BodyPublisher publisher, long contentLength, boolean expectContinue, CallLoop loop, Sequence sequence) {
        this.publisher = publisher;
        this.contentLength = contentLength;
        this.waitsForContinue = expectContinue;
        this.loop = loop;
        this.sequence = sequence;
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public void start(Receiver newReceiver) {
        receiver = newReceiver;
        if (waitsForContinue) {
            continueTimer = loop.schedule(this::proceed, CONTINUE_WAIT_NANOS);
        } else {
            subscribe();
        }
    }

    /** The server wants to have the body, or has had its time to say so; on the loop. */
    void proceed() {
        if (waitsForContinue) {
            waitsForContinue = false;
            if (continueTimer != null) {
                continueTimer.cancel();
            }
            if (receiver != null && !over) {
                subscribe();
            }
        }
    }

    @Override
    public void request(long pieces) {
        sequence.execute(() -> {
            Flow.Subscription current = subscription;
            if (current == null) {
                wanted += pieces;
            } else if (!stopped) {
                current.request(pieces);
            }
        });
    }

    @Override
    public void cancel() {
        over = true;
        if (continueTimer != null) {
            continueTimer.cancel();
        }
        sequence.execute(this::stop);
    }

    private void subscribe() {
        sequence.execute(() -> {
            if (stopped) {
                return;
            }
            try {
                publisher.subscribe(this);
            } catch (Throwable thrown) {
                failed(thrown);
            }
        });
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        Objects.requireNonNull(newSubscription);
        sequence.execute(() -> {
            if (subscription != null || stopped) {
                newSubscription.cancel();
                return;
            }
            subscription = newSubscription;
            if (wanted > 0) {
                newSubscription.request(wanted);
            }
        });
    }

    @Override
    public void onNext(ByteBuffer item) {
        if (complete) {
            return;
        }
        if (item == null) {
            NullPointerException missing = new NullPointerException("the request body's publisher published null");
            failed(missing);
            throw missing;
        }
        published += item.remaining();
        if (contentLength >= 0 && published > contentLength) {
            failed(new IOException(
                    "Too many bytes in request body. Expected: " + contentLength + ", got: " + published));
        } else if (item.hasRemaining()) {
            LoopTask.offer(loop, () -> {
                if (receiver != null && !over) {
                    receiver.onData(item);
                }
            });
        } else {
            request(1);
        }
    }

    @Override
    public void onError(Throwable cause) {
        failed(Objects.requireNonNull(cause));
    }

    @Override
    public void onComplete() {
        if (complete) {
            return;
        }
        if (published < contentLength) {
            failed(new IOException(
                    "Too few bytes returned by the publisher (" + published + "/" + contentLength + ")"));
            return;
        }
        complete = true;
        LoopTask.offer(loop, () -> {
            if (receiver != null && !over) {
                over = true;
                receiver.onEnd();
            }
        });
    }

    private void failed(Throwable cause) {
        if (complete) {
            return;
        }
        complete = true;
        sequence.execute(this::stop);
        LoopTask.offer(loop, () -> {
            if (receiver != null && !over) {
                over = true;
                receiver.onError(cause);
            }
        });
    }

    private void stop() {
        if (!stopped) {
            stopped = true;
            if (subscription != null) {
                subscription.cancel();
            }
        }
    }
}
