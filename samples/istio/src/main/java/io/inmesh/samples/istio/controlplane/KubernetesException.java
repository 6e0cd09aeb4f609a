package io.inmesh.samples.istio.controlplane;

import java.io.IOException;

/** The API server has refused something; the message has its words. */
public final class KubernetesException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;

    KubernetesException(String what, int status, String body) {
        super(what + ": " + status + " " + body);
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
