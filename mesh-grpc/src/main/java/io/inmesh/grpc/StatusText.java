package io.inmesh.grpc;

import io.grpc.Status;

/** Says in words what a gRPC status and its causes tell. */
public final class StatusText {
    private StatusText() {}

    /** The code, the description and the message of each cause that is not in it yet; the first line of each. */
    public static String of(Status status) {
        StringBuilder text = new StringBuilder(status.getCode().name());
        if (status.getDescription() != null) {
            text.append(": ").append(firstLine(status.getDescription()));
        }
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null && text.indexOf(message) < 0) {
                text.append(": ").append(firstLine(message));
            }
        }
        return text.toString();
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
