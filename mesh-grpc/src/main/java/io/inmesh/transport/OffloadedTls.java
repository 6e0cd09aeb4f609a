package io.inmesh.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS whose certificate checks run off the loop. The JDK's engine holds its lock while it checks, and a close needs that lock; so that a slow trust
 * manager does not hold up the loop, a close waits for the check to end. Goes into one pipeline, once; used on its event loop as every {@link SslHandler}.
 */
@SuppressWarnings("FutureReturnValueIgnored")
public final class OffloadedTls extends SslHandler {
    private static final Logger log = LoggerFactory.getLogger(OffloadedTls.class);

    private final Tasks tasks;

    private OffloadedTls(SSLEngine engine, Tasks tasks) {
        super(engine, tasks);
        this.tasks = tasks;
    }

    /**
     * A handler of an engine whose tasks run on the executor.
     *
     * @param engine  of a client or of a server, its handshake not begun
     * @param offload takes tasks at any time, and runs each on a thread that may take its time; a task that it rejects fails the handshake
     */
    public static OffloadedTls of(SSLEngine engine, Executor offload) {
        return new OffloadedTls(engine, new Tasks(engine, offload));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        tasks.loop = ctx.executor();
        super.handlerAdded(ctx);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
        if (tasks.running > 0) {
            Runnable before = tasks.afterwards;
            tasks.afterwards = () -> {
                if (before != null) {
                    before.run();
                }
                ctx.channel().close(promise);
            };
        } else {
            super.close(ctx, promise);
        }
    }

    /** The engine's tasks, counted. All state is touched on the loop, where the handler asks for tasks to be run. */
    private static final class Tasks implements Executor {
        private final SSLEngine engine;
        private final Executor offload;
        private @Nullable EventExecutor loop;
        private @Nullable Runnable afterwards;
        private int running;

        Tasks(SSLEngine engine, Executor offload) {
            this.engine = engine;
            this.offload = offload;
        }

        @Override
        public void execute(Runnable task) {
            EventExecutor home = loop;
            if (home == null) {
                throw new RejectedExecutionException("the handler is in no pipeline");
            }
            // A peer that goes away takes the handler with it: without this the engine's context would be gone too,
            // and what the task loads into it for good.
            ReferenceCountUtil.retain(engine);
            try {
                offload.execute(() -> {
                    try {
                        task.run();
                    } finally {
                        ReferenceCountUtil.release(engine);
                        tell(home);
                    }
                });
            } catch (RejectedExecutionException e) {
                ReferenceCountUtil.release(engine);
                throw e;
            }
            running++;
        }

        private void tell(EventExecutor home) {
            try {
                home.execute(this::ended);
            } catch (RejectedExecutionException e) {
                log.debug("A handshake has outlived its event loop");
            }
        }

        private void ended() {
            running--;
            Runnable waiting = afterwards;
            if (running == 0 && waiting != null) {
                afterwards = null;
                waiting.run();
            }
        }
    }
}
