package io.inmesh.xds.kuma;

import java.io.IOException;

/** kuma-cp has answered and not done what it was asked for. The message has kuma-cp's own words: which field it does not take, and why. */
public final class KumaRestException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    KumaRestException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The status of the response. */
    public int status() {
        return status;
    }
}
