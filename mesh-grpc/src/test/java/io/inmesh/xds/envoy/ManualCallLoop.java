package io.inmesh.xds.envoy;

import io.inmesh.exchange.CallLoop;

/** Runs everything at once, and never a timer. */
final class ManualCallLoop implements CallLoop {
    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
        return () -> {};
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }
}
