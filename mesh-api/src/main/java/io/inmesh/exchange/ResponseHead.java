package io.inmesh.exchange;

/**
 * A response without its body.
 *
 * <p>Mutable and not thread-safe: it belongs to one call.
 */
public final class ResponseHead {
    private int status;
    private final Headers headers;

    /**
     * A response head.
     *
     * @param status  100 to 599
     * @param headers the fields, taken over and not copied
     */
    public ResponseHead(int status, Headers headers) {
        this.status = status;
        this.headers = headers;
    }

    /** {@code :status}. */
    public int status() {
        return status;
    }

    /** Sets {@code :status}. */
    public void status(int newStatus) {
        status = newStatus;
    }

    /** The fields, live. */
    public Headers headers() {
        return headers;
    }

    @Override
    public String toString() {
        return status + " " + headers;
    }
}
