package io.inmesh;

import io.inmesh.exchange.ResponseFlag;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A call that could not be answered, or whose answer broke off. Its message names the destination, listener, route, cluster and endpoint as far as they
 * were known, Envoy's response flag, and what to look at next.
 *
 * <p>It is an {@link IOException} because that is what callers of HTTP clients are prepared for.
 */
public final class MeshException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Explanation explanation;
    private final @Nullable ResponseFlag flag;

    /**
     * A failure.
     *
     * @param problem     what happened, and what to look at next
     * @param explanation how far the call had come, or null if it had not begun
     * @param flag        Envoy's response flag, or null if none belongs to it
     * @param cause       the exception behind it, or null
     */
    public MeshException(
            String problem, @Nullable Explanation explanation, @Nullable ResponseFlag flag, @Nullable Throwable cause) {
        super(message(problem, explanation, flag), cause);
        this.explanation = explanation;
        this.flag = flag;
    }

    /** How far the call had come, or null if it had not begun. */
    public @Nullable Explanation explanation() {
        return explanation;
    }

    /** Envoy's response flag, or null. */
    public @Nullable ResponseFlag flag() {
        return flag;
    }

    private static String message(String problem, @Nullable Explanation explanation, @Nullable ResponseFlag flag) {
        StringBuilder text = new StringBuilder(problem);
        if (flag != null) {
            text.append(" (").append(flag.code()).append(')');
        }
        if (explanation != null) {
            text.append(" [").append(explanation).append(']');
        }
        return text.toString();
    }
}
