package io.inmesh.xds.files;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices changes of files or of the files of folders, on a daemon thread of its own: what the operating system tells at once, and what it does not
 * tell (network file systems, symbolic links that are exchanged elsewhere) by looking every second. A change counts when it is over: a file that is being rewritten is
 * empty for a moment, and nobody is to take that for what is meant.
 */
public final class FileWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FileWatch.class);
    static final Duration LOOK = Duration.ofSeconds(1);

    /** Longer than a writer takes between two pieces of a file, shorter than a person waits. */
    private static final Duration QUIET = Duration.ofMillis(50);

    private final List<Path> paths;
    private final Duration shrunkQuiet;
    private final Runnable onChange;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile FileMarks settled;

    private FileWatch(List<Path> paths, Duration shrunkQuiet, Runnable onChange) {
        this.paths = List.copyOf(paths);
        this.shrunkQuiet = shrunkQuiet;
        this.onChange = onChange;
        this.settled = FileMarks.of(paths);
        this.thread = new Thread(this::run, "inmesh-file-watch");
        this.thread.setDaemon(true);
    }

    /**
     * Starts to watch.
     *
     * @param path     a file or a folder; it need not exist yet
     * @param onChange called on the watch's thread after something has changed and then nothing more for a moment, perhaps more often than that
     */
    public static FileWatch start(Path path, Runnable onChange) {
        return start(List.of(path), onChange);
    }

    /** As {@link #start(Path, Runnable)}, for several files and folders at once. */
    public static FileWatch start(List<Path> paths, Runnable onChange) {
        return start(paths, LOOK, onChange);
    }

    /**
     * As {@link #start(List, Runnable)}.
     *
     * @param shrunkQuiet how long nothing may change after a file has become shorter or has gone: whoever rewrites a file in place, or replaces it in two steps, begins
     *                    with that
     */
    static FileWatch start(List<Path> paths, Duration shrunkQuiet, Runnable onChange) {
        FileWatch watch = new FileWatch(paths, shrunkQuiet, onChange);
        watch.thread.start();
        return watch;
    }

    /**
     * Whether the files are now as they were when {@code onChange} was last called, or when the watch was started: what was read from them in between was not in the
     * middle of being written. If not, {@code onChange} is yet to be called.
     */
    boolean isSettled() {
        return FileMarks.of(paths).equals(settled);
    }

    /** Ends it. {@code onChange} may be under way still. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }

    private void run() {
        try (WatchService service = FileSystems.getDefault().newWatchService()) {
            watch(service);
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("No file events for {}; looking every {} instead", paths, LOOK, e);
            watch(null);
        }
    }

    private void watch(@Nullable WatchService service) {
        boolean registered = service != null && register(service);
        // What changed before it was registered is a change too.
        boolean told = false;
        while (closed.getCount() > 0) {
            try {
                if (told || !FileMarks.of(paths).equals(settled)) {
                    FileMarks now = awaitQuiet();
                    told = false;
                    settled = now;
                    onChange.run();
                }
                told = await(registered ? service : null);
            } catch (InterruptedException e) {
                return; // only close() interrupts
            }
            registered = service != null && register(service);
        }
    }

    /** Returns how the files are when nothing has changed for long enough. */
    private FileMarks awaitQuiet() throws InterruptedException {
        FileMarks marks = FileMarks.of(paths);
        long since = System.nanoTime();
        while (true) {
            if (closed.await(QUIET.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new InterruptedException("closed");
            }
            FileMarks now = FileMarks.of(paths);
            if (!now.equals(marks)) {
                marks = now;
                since = System.nanoTime();
            } else if (!marks.isShorterThan(settled) || System.nanoTime() - since >= shrunkQuiet.toNanos()) {
                return marks;
            }
        }
    }

    /** A folder that was replaced by another of the same name is another folder: it is registered anew each time. */
    private boolean register(WatchService service) {
        boolean any = false;
        for (Path path : paths) {
            any |= register(service, path);
        }
        return any;
    }

    private static boolean register(WatchService service, Path path) {
        Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        if (folder == null) {
            return false;
        }
        try {
            folder.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether something is said to have changed; waits no longer than until it is time to look. */
    private boolean await(@Nullable WatchService service) throws InterruptedException {
        if (service == null) {
            closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            return false;
        }
        WatchKey key = service.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        boolean told = false;
        while (key != null) {
            told |= !key.pollEvents().isEmpty();
            key.reset();
            key = service.poll();
        }
        return told;
    }
}
