package io.inmesh.http.wire;

import static java.util.Objects.requireNonNull;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTransport;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.outbound.UpstreamTransport.UpstreamStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One attempt as a test makes it, and everything that its listener was told. Also checks that the listener's rules are kept. */
final class Call implements UpstreamTransport.Listener {
    private static final int SECONDS = 60;

    final List<ConnectionFacts> connections = new CopyOnWriteArrayList<>();
    final List<Integer> informational = new CopyOnWriteArrayList<>();
    final CompletableFuture<ResponseHead> head = new CompletableFuture<>();
    final ByteArrayOutputStream body = new ByteArrayOutputStream();
    final AtomicLong received = new AtomicLong();
    final AtomicLong writableCalls = new AtomicLong();
    private volatile boolean headEndedStream;
    private volatile @Nullable Headers trailers;
    private volatile @Nullable Reset reset;
    private final CompletableFuture<Call> over = new CompletableFuture<>();
    /** What it says to every address it is asked about. */
    private @Nullable String objection;

    final List<IpAddress> addresses = new CopyOnWriteArrayList<>();

    private final CallLoop loop;
    private final CompletableFuture<UpstreamStream> stream = new CompletableFuture<>();
    private final Consumer<Call> onWritable;
    private final Consumer<Call> onData;

    private Call(CallLoop loop, Consumer<Call> onWritable, Consumer<Call> onData) {
        this.loop = loop;
        this.onWritable = onWritable;
        this.onData = onData;
    }

    /** A request without body that reads its response as it comes. */
    static Call get(NettyTransport transport, UpstreamTarget target, String... headers) {
        return start(transport.next(), transport, target, head("GET", headers), null, Long.MAX_VALUE);
    }

    /** A request without body that has something against every address. */
    static Call objecting(NettyTransport transport, UpstreamTarget target, String objection) {
        CallLoop loop = transport.next();
        Call call = new Call(loop, unused -> {}, unused -> {});
        call.objection = objection;
        loop.execute(() -> call.stream.complete(transport.open(loop, target, head("GET"), true, call)));
        return call;
    }

    @Override
    public @Nullable String objection(IpAddress address) {
        addresses.add(address);
        return objection;
    }

    /** A request on a given loop. {@code body} null: none. {@code demand} 0: the test asks itself. */
    static Call start(
            CallLoop loop,
            NettyTransport transport,
            UpstreamTarget target,
            RequestHead head,
            byte @Nullable [] body,
            long demand) {
        boolean[] sent = {false};
        Consumer<Call> writer = call -> {
            if (body != null && !sent[0]) {
                sent[0] = true;
                call.stream().write(ByteBuffer.wrap(body).asReadOnlyBuffer(), true);
            }
        };
        return start(loop, transport, target, head, body == null, demand, writer, call -> {});
    }

    static Call start(
            CallLoop loop,
            NettyTransport transport,
            UpstreamTarget target,
            RequestHead head,
            boolean endStream,
            long demand,
            Consumer<Call> onWritable,
            Consumer<Call> onData) {
        Call call = new Call(loop, onWritable, onData);
        loop.execute(() -> {
            UpstreamStream opened = transport.open(loop, target, head, endStream, call);
            if (demand > 0) {
                opened.request(demand);
            }
            call.stream.complete(opened);
        });
        return call;
    }

    static RequestHead head(String method, String... headers) {
        return new RequestHead(method, "http", "svc.example", "/path?q=1", Headers.of(headers));
    }

    UpstreamStream stream() {
        return stream.join();
    }

    CallLoop loop() {
        return loop;
    }

    /** Does something with the stream, on its loop, and waits until it was done. */
    void onLoop(Consumer<UpstreamStream> task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                task.accept(stream());
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        done.join();
    }

    boolean isOver() {
        return over.isDone();
    }

    /** Waits for the end. */
    Call await() {
        return get(over);
    }

    /** Waits for the end, which is the whole response. */
    Call awaitComplete() {
        Call ended = await();
        if (ended.reset != null) {
            throw new AssertionError("reset: " + ended.reset, ended.reset.cause());
        }
        return ended;
    }

    /** Waits for the end, which is a failure. */
    Reset awaitReset() {
        Call ended = await();
        if (ended.reset == null) {
            throw new AssertionError("complete: " + ended.head.join() + " " + ended.text());
        }
        return requireNonNull(ended.reset);
    }

    ResponseHead awaitHead() {
        return get(head);
    }

    ResetReason resetReason() {
        return awaitReset().reason();
    }

    int status() {
        return head.join().status();
    }

    String text() {
        return body.toString(StandardCharsets.UTF_8);
    }

    boolean headEndedStream() {
        return headEndedStream;
    }

    @Nullable
    Headers trailers() {
        return trailers;
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("nothing came within " + SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void rule(boolean kept, String rule) {
        if (!kept) {
            over.completeExceptionally(new AssertionError(rule));
        }
    }

    private void anyCallback() {
        rule(loop.inLoop(), "a callback came off the loop");
        rule(stream.isDone(), "a callback came before open returned");
        rule(!over.isDone(), "a callback came after the last one");
    }

    @Override
    public void onConnected(ConnectionFacts connection) {
        anyCallback();
        connections.add(connection);
    }

    @Override
    public void onWritable() {
        anyCallback();
        writableCalls.incrementAndGet();
        onWritable.accept(this);
    }

    @Override
    public void onInformational(int status) {
        anyCallback();
        rule(!head.isDone(), "an informational response came after the head");
        informational.add(status);
    }

    @Override
    public void onHead(ResponseHead responseHead, boolean endStream) {
        anyCallback();
        rule(!head.isDone(), "two heads");
        headEndedStream = endStream;
        head.complete(responseHead);
    }

    @Override
    public void onData(ByteBuffer data) {
        anyCallback();
        rule(head.isDone() && !headEndedStream, "data without a head that has a body");
        rule(data.isReadOnly() && data.hasRemaining(), "data is empty or not read-only");
        received.addAndGet(data.remaining());
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        body.writeBytes(bytes);
        onData.accept(this);
    }

    @Override
    public void onComplete(@Nullable Headers newTrailers) {
        anyCallback();
        rule(head.isDone(), "complete without a head");
        trailers = newTrailers;
        over.complete(this);
    }

    @Override
    public void onReset(Reset newReset) {
        anyCallback();
        reset = newReset;
        over.complete(this);
    }
}
