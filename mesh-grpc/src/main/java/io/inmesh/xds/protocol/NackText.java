package io.inmesh.xds.protocol;

import java.util.Map;

/** What a control plane is told about resources that were refused. */
final class NackText {
    /** A control plane logs this text; a thousand bad resources are told by the first of them. */
    private static final int MAX_LENGTH = 4096;

    private NackText() {}

    static String of(Map<String, String> refused, int total) {
        StringBuilder text = new StringBuilder();
        text.append(refused.size()).append(" of ").append(total).append(" resources refused: ");
        String separator = "";
        for (Map.Entry<String, String> each : refused.entrySet()) {
            // Most reasons name their resource already, in quotes.
            String reason = each.getValue();
            boolean isNamed = reason.contains('"' + each.getKey() + '"');
            String next = separator + (isNamed ? "" : each.getKey() + ": ") + reason;
            if (text.length() + next.length() > MAX_LENGTH) {
                int room = MAX_LENGTH - text.length();
                text.append(next, 0, Math.max(room, 0)).append(" ...");
                break;
            }
            text.append(next);
            separator = "; ";
        }
        return text.toString();
    }
}
