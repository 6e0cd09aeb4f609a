package io.inmesh.xds.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What changes when a file of some files and folders does.
 *
 * @param files by file: its real path, its inode, its time, and how long it is
 */
record FileMarks(Map<Path, Mark> files) {

    /**
     * Of one file.
     *
     * @param length in bytes; -1 if it cannot be read
     */
    record Mark(String identity, long length) {
        private static final Mark MISSING = new Mark("missing", -1);
    }

    /** As they are now. */
    static FileMarks of(List<Path> paths) {
        Map<Path, Mark> files = new LinkedHashMap<>();
        for (Path path : paths) {
            try {
                for (Path file : ResourceFiles.files(path)) {
                    files.put(file, mark(file));
                }
            } catch (ResourceFileException e) {
                files.put(path, Mark.MISSING);
            }
        }
        return new FileMarks(files);
    }

    /** Whether a file that was there before is shorter now, or is not there any more. */
    boolean isShorterThan(FileMarks before) {
        return before.files.entrySet().stream()
                .anyMatch(
                        each -> files.getOrDefault(each.getKey(), Mark.MISSING).length()
                                < each.getValue().length());
    }

    private static Mark mark(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            String identity = file.toRealPath() + " " + attributes.fileKey() + " "
                    + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
            return new Mark(identity, attributes.size());
        } catch (IOException e) {
            return Mark.MISSING;
        }
    }
}
