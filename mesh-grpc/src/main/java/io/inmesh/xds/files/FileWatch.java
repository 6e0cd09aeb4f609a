package io.inmesh.xds.files;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices changes of files or of the files of folders, on a daemon thread of its own: what the operating system tells at once, and what it does not
 * tell (network file systems, symbolic links that are exchanged elsewhere) by looking every second.
 */
public final class FileWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FileWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final List<Path> paths;
    private final Runnable onChange;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private FileWatch(List<Path> paths, Runnable onChange) {
        this.paths = List.copyOf(paths);
        this.onChange = onChange;
        this.thread = new Thread(this::run, "inmesh-file-watch");
        this.thread.setDaemon(true);
    }

    /**
     * Starts to watch.
     *
     * @param path     a file or a folder; it need not exist yet
     * @param onChange called on the watch's thread after something has changed, perhaps more often than that
     */
    public static FileWatch start(Path path, Runnable onChange) {
        return start(List.of(path), onChange);
    }

    /** As {@link #start(Path, Runnable)}, for several files and folders at once. */
    public static FileWatch start(List<Path> paths, Runnable onChange) {
        FileWatch watch = new FileWatch(paths, onChange);
        watch.thread.start();
        return watch;
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
        List<String> before = fingerprint();
        boolean registered = service != null && register(service);
        while (closed.getCount() > 0) {
            boolean told;
            try {
                told = (registered && service != null)
                        ? await(service)
                        : closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                return; // only close() interrupts
            }
            if (closed.getCount() == 0) {
                return;
            }
            registered = service != null && register(service);
            List<String> now = fingerprint();
            if (told || !now.equals(before)) {
                before = now;
                onChange.run();
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

    private static boolean await(WatchService service) throws InterruptedException {
        WatchKey key = service.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        boolean told = false;
        while (key != null) {
            told |= !key.pollEvents().isEmpty();
            key.reset();
            key = service.poll();
        }
        return told;
    }

    /** What changes when a file does: its real path, its inode, its size and its time. */
    private List<String> fingerprint() {
        List<String> parts = new ArrayList<>();
        for (Path path : paths) {
            try {
                for (Path file : ResourceFiles.files(path)) {
                    parts.add(file + " " + fingerprint(file));
                }
            } catch (ResourceFileException e) {
                parts.add("unreadable");
            }
        }
        return parts;
    }

    private static String fingerprint(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return file.toRealPath() + " " + attributes.fileKey() + " " + attributes.size() + " "
                    + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        } catch (IOException e) {
            return "missing";
        }
    }
}
