package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A stream of either transport: its own thread, which sleeps where kuma-cp's does, and its place among the active streams. */
abstract class AdsStream<Q extends Message, R extends Message> implements StreamObserver<Q> {
    private final RecordedControlPlane plane;
    private final StreamObserver<R> responses;
    private final String credential;
    private final ExecutorService thread;
    /** One and the same object, so that the proxy can let go of it. */
    private final Runnable listener;

    private @Nullable Proxy proxy;
    private @Nullable String nodeId;
    private boolean admitted;
    private boolean over;

    AdsStream(RecordedControlPlane plane, StreamObserver<R> responses, String credential) {
        this.plane = plane;
        this.responses = responses;
        this.credential = credential;
        this.thread = plane.streamThread();
        this.listener = () -> execute(this::changed);
        // Without it, a response to a client that is gone would be an exception.
        ((ServerCallStreamObserver<R>) responses).setOnCancelHandler(() -> {});
    }

    /** The node of a request; only the first one has to have it. */
    abstract Node node(Q request);

    /** A request of a proxy that there is. */
    abstract void request(Q request, Proxy from);

    /** The proxy's configuration is a new one. */
    abstract void changed(Proxy of);

    @Override
    public final void onNext(Q request) {
        plane.saw(request);
        execute(() -> receive(request));
    }

    @Override
    public final void onError(Throwable problem) {
        execute(this::end);
    }

    @Override
    public final void onCompleted() {
        execute(() -> {
            close(responses::onCompleted);
            end();
        });
    }

    final void send(R response) {
        plane.sent(response);
        responses.onNext(response);
    }

    final void pause(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    final Habits habits() {
        return plane.habits();
    }

    private void receive(Q request) {
        if (over) {
            return;
        }
        if (!admitted && !admit(node(request))) {
            return;
        }
        if (proxy != null) {
            request(request, proxy);
        }
    }

    private boolean admit(Node node) {
        try {
            proxy = plane.admit(node, this, credential);
        } catch (StatusRuntimeException e) {
            close(() -> responses.onError(e));
            over = true;
            thread.shutdown();
            return false;
        }
        admitted = true;
        nodeId = node.getId();
        proxy.connected(listener);
        return true;
    }

    private void changed() {
        if (proxy != null && !over) {
            changed(proxy);
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        if (proxy != null) {
            proxy.disconnected(listener);
        }
        if (nodeId != null) {
            plane.release(nodeId, this);
        }
        thread.shutdown();
    }

    private static void close(Runnable word) {
        try {
            word.run();
        } catch (IllegalStateException e) {
            // The client was faster.
        }
    }

    /** Ends the stream as a control plane does that goes away. */
    final void cut() {
        execute(() -> {
            // What was waiting is still done when the stream has ended; and the client may have been faster.
            if (!over) {
                close(() -> responses.onError(Status.UNAVAILABLE
                        .withDescription("the control plane ends")
                        .asRuntimeException()));
                end();
            }
        });
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            // The stream has ended.
        }
    }
}
