package io.inmesh.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** One line of the comparison: a client, a protocol, a way to call. */
final class Cell implements Comparable<Cell> {
    private static final int IN_FLIGHT = 64;
    private static final int BODY = 100;
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final @Nullable CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

    private final boolean http2;
    private final boolean blocking;
    private final Candidate candidate;
    private final List<Window> windows = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    Cell(boolean http2, boolean blocking, Candidate candidate) {
        this.http2 = http2;
        this.blocking = blocking;
        this.candidate = candidate;
    }

    /** What one window gave, for each request. */
    private record Window(double cpuMicros, double bytes, double perSecond, double compiling) {}

    /** One request, so that nothing is measured that does not work. */
    void check() throws Exception {
        int length = blocking ? candidate.send() : candidate.sendAsync().get(10, TimeUnit.SECONDS);
        if (length != BODY) {
            throw new IllegalStateException(candidate.name() + " over " + protocol() + " answered " + length);
        }
    }

    private String protocol() {
        return http2 ? "h2c" : "h1";
    }

    /** Keeps 64 requests under way for that long, and measures. */
    void run(double seconds) throws InterruptedException {
        answered.set(0);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        List<Thread> callers = new ArrayList<>();
        Semaphore finished = new Semaphore(0);
        if (blocking) {
            for (int i = 0; i < IN_FLIGHT; i++) {
                callers.add(new Thread(() -> callUntil(end, finished), "caller-" + i));
            }
        }
        long cpu = SYSTEM.getProcessCpuTime();
        long compiled = COMPILER == null ? 0 : COMPILER.getTotalCompilationTime();
        long bytes = allocated();
        long begin = System.nanoTime();
        callers.forEach(Thread::start);
        if (!blocking) {
            for (int i = 0; i < IN_FLIGHT; i++) {
                callAgain(end, finished);
            }
        }
        finished.acquire(IN_FLIGHT);
        double elapsed = System.nanoTime() - begin;
        double requests = Math.max(1, answered.get());
        windows.add(new Window(
                (SYSTEM.getProcessCpuTime() - cpu) / 1e3 / requests,
                (allocated() - bytes) / requests,
                requests / (elapsed / 1e9),
                COMPILER == null ? 0 : (COMPILER.getTotalCompilationTime() - compiled) * 1e6 / elapsed));
        // What a caller's thread has allocated is known while it lives.
        callers.forEach(Thread::interrupt);
        for (Thread caller : callers) {
            caller.join();
        }
    }

    void forget() {
        windows.clear();
        failed.set(0);
    }

    private void callUntil(long end, Semaphore finished) {
        while (System.nanoTime() < end) {
            try {
                count(candidate.send());
            } catch (Exception e) {
                failed.incrementAndGet();
            }
        }
        finished.release();
        try {
            new Semaphore(0).acquire();
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what fails is counted within
    private void callAgain(long end, Semaphore finished) {
        candidate.sendAsync().whenComplete((length, failure) -> {
            count(failure != null ? -1 : length);
            if (System.nanoTime() < end) {
                callAgain(end, finished);
            } else {
                finished.release();
            }
        });
    }

    private void count(int length) {
        answered.incrementAndGet();
        if (length != BODY) {
            failed.incrementAndGet();
        }
    }

    private static long allocated() {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    String row() {
        List<Double> cpu = sorted(Window::cpuMicros);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %.1f [%.1f-%.1f] | %.0f | %.0f | %.0f | %d |",
                protocol(),
                blocking ? "blocking" : "async",
                candidate.name(),
                median(cpu),
                cpu.get(0),
                cpu.get(cpu.size() - 1),
                median(sorted(Window::bytes)),
                median(sorted(Window::perSecond)),
                100 * median(sorted(Window::compiling)),
                failed.get());
    }

    private List<Double> sorted(ToDoubleFunction<Window> value) {
        return windows.stream().map(value::applyAsDouble).sorted().toList();
    }

    private static double median(List<Double> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public int compareTo(Cell other) {
        return Comparator.<Cell, Boolean>comparing(cell -> cell.http2)
                .thenComparing(cell -> !cell.blocking)
                .thenComparing(cell -> cell.candidate.name(), Comparator.reverseOrder())
                .compare(this, other);
    }

    void end() throws InterruptedException {
        candidate.end();
    }
}
