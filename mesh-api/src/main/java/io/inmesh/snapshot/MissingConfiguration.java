package io.inmesh.snapshot;

import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.snapshot.SourceStatus.State;

/** Puts what a configuration source lacks into words, for the message of a call that waited in vain. */
public final class MissingConfiguration {
    private static final int MOST_RESOURCES = 5;

    private MissingConfiguration() {}

    /** What is connected, and which resources are not in force. */
    public static String describe(SourceStatus status) {
        StringBuilder text = new StringBuilder(200).append(status.source());
        text.append(status.connected() ? " is connected since " : " is not connected, since ")
                .append(status.since());
        String error = status.error();
        if (error != null) {
            text.append(" (").append(error).append(')');
        }
        int named = 0;
        for (ResourceStatus resource : status.resources()) {
            if (resource.state() == State.ACKED) {
                continue;
            }
            if (++named > MOST_RESOURCES) {
                return text.append(", and more").toString();
            }
            text.append(named == 1 ? "; missing: " : ", ")
                    .append(resource.name())
                    .append(' ')
                    .append(resource.state());
            String refusal = resource.error();
            if (refusal != null) {
                text.append(" (").append(refusal).append(')');
            }
        }
        return text.toString();
    }
}
