package io.inmesh.xds.decode;

import java.io.Serial;

/** Ends the decoding of a resource; never leaves this package. Has no stack trace: what counts is the field. */
final class BadResourceException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    BadResourceException(String path, String reason) {
        super(path.isEmpty() ? reason : path + ": " + reason, null, false, false);
    }

    /** The path and the reason. */
    String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
