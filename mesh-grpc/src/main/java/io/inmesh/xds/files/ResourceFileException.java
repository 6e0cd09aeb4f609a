package io.inmesh.xds.files;

import java.io.Serial;

/**
 * A file that cannot be used. The message reads {@code file:line: field: what is wrong}.
 */
public final class ResourceFileException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final String file;
    private final int line;
    private final String field;

    /**
     * A failure at one place.
     *
     * @param file   the file, as it was named
     * @param line   1 and above, or 0 if the file as a whole is meant
     * @param field  the path of the field within the file, or an empty string
     * @param reason what is wrong and what was expected
     */
    public ResourceFileException(String file, int line, String field, String reason) {
        super(file + (line > 0 ? ":" + line : "") + ": " + (field.isEmpty() ? "" : field + ": ") + reason);
        this.file = file;
        this.line = line;
        this.field = field;
    }

    /** The file, as it was named. */
    public String file() {
        return file;
    }

    /** The line, from 1, or 0 if the file as a whole is meant. */
    public int line() {
        return line;
    }

    /** The path of the field, such as {@code resources[0].virtual_hosts[1].domains}; may be empty. */
    public String field() {
        return field;
    }
}
