package io.inmesh.http.server;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.inbound.InboundPort;
import io.inmesh.inbound.InboundRequest;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.InboundListener.Inspection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A port whose verdicts a test gives when it likes, which no configuration can: the moment at which a connection breaks is what such a test is about. */
final class ScriptedPort implements InboundPort {
    final List<RequestHead> seen = new CopyOnWriteArrayList<>();
    final List<Runnable> drains = new CopyOnWriteArrayList<>();
    final AtomicInteger started = new AtomicInteger();
    final AtomicInteger ended = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    private final Function<RequestHead, CompletableFuture<@Nullable LocalReply>> script;

    /** A port with a verdict for each request: null to accept it, or the answer. */
    ScriptedPort(Function<RequestHead, CompletableFuture<@Nullable LocalReply>> script) {
        this.script = script;
    }

    /** Accepts everything. */
    static ScriptedPort open() {
        return new ScriptedPort(head -> CompletableFuture.completedFuture(null));
    }

    @Override
    public ChainChoice choose(ConnectionArrival arrival) {
        return new ChainChoice.Accepted() {
            @Override
            public String chain() {
                return "scripted";
            }

            @Override
            public @Nullable DownstreamTls tls() {
                return null;
            }

            @Override
            public InboundConnection established(DownstreamConnection facts) {
                return new Connection(facts);
            }
        };
    }

    @Override
    public boolean inspects() {
        return false;
    }

    @Override
    public Inspection inspection() {
        return Inspection.DEFAULT;
    }

    @Override
    public String status() {
        return "scripted";
    }

    @Override
    public void awaitReady(Duration timeout) {}

    @Override
    public void close() {}

    private final class Connection implements InboundConnection {
        private final DownstreamConnection facts;

        Connection(DownstreamConnection facts) {
            this.facts = facts;
        }

        @Override
        public @Nullable String refusal() {
            return null;
        }

        @Override
        public DownstreamConnection facts() {
            return facts;
        }

        @Override
        public void onDrain(Runnable drain) {
            drains.add(drain);
        }

        @Override
        public boolean isRetired() {
            return !drains.isEmpty();
        }

        @Override
        public boolean isIdle() {
            return true;
        }

        @Override
        public void closed() {
            closed.incrementAndGet();
        }

        @Override
        public InboundRequest request(
                CallLoop loop, RequestHead head, boolean endStream, String protocol, InboundRequest.Observer observer) {
            seen.add(head.copy());
            return new Request(loop, head, observer, facts);
        }
    }

    private final class Request implements InboundRequest {
        private final CallLoop loop;
        private final RequestHead head;
        private final Observer observer;
        private final StreamInfo info = new StreamInfo();
        private boolean over;

        Request(CallLoop loop, RequestHead head, Observer observer, DownstreamConnection connection) {
            this.loop = loop;
            this.head = head;
            this.observer = observer;
            info.downstream(connection);
        }

        @Override
        public void start() {
            started.incrementAndGet();
            CompletableFuture<@Nullable LocalReply> verdict = script.apply(head);
            if (verdict.isDone()) {
                tell(verdict.join());
            } else {
                var unused = verdict.thenAccept(reply -> loop.execute(() -> tell(reply)));
            }
        }

        private void tell(@Nullable LocalReply reply) {
            if (over) {
                return;
            }
            if (reply == null) {
                head.headers().set("x-mesh", "seen");
                observer.onAccepted(head);
            } else {
                observer.onResponse(reply.head(), reply);
            }
        }

        @Override
        public void active() {}

        @Override
        public void requestEnded() {}

        @Override
        public void respond(ResponseHead response) {
            response.headers().set("x-mesh-response", "seen");
            observer.onResponse(response, null);
        }

        @Override
        public void end() {
            if (!over) {
                over = true;
                ended.incrementAndGet();
            }
        }

        @Override
        public StreamInfo info() {
            return info;
        }
    }
}
