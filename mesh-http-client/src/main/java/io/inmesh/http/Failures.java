package io.inmesh.http;

import io.inmesh.MeshException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** The exceptions of a client: those of the JDK's. */
final class Failures {
    private Failures() {}

    /** {@code HttpRequest.timeout} was over. */
    static HttpTimeoutException timedOut(boolean connected) {
        if (connected) {
            return new HttpTimeoutException("request timed out");
        }
        HttpConnectTimeoutException timeout = new HttpConnectTimeoutException("HTTP connect timed out");
        timeout.initCause(new ConnectException("HTTP connect timed out"));
        return timeout;
    }

    /**
     * What a blocking send throws for a failure that came about on another thread: an exception of the same type with the caller's stack trace, and
     * the failure as its cause. The types and their order are those that {@link java.net.http.HttpClient#send} is known for.
     */
    static IOException ofSend(Throwable failure) {
        String message = failure.getMessage();
        if (failure instanceof IllegalArgumentException) {
            throw new IllegalArgumentException(message, failure);
        } else if (failure instanceof SecurityException) {
            throw new SecurityException(message, failure);
        } else if (failure instanceof MeshException meshed) {
            // It tells of the call and not of the thread, and its explanation must stay readable.
            return meshed;
        } else if (failure instanceof HttpConnectTimeoutException) {
            return causedBy(failure, new HttpConnectTimeoutException(message));
        } else if (failure instanceof HttpTimeoutException) {
            return causedBy(failure, new HttpTimeoutException(message));
        } else if (failure instanceof ConnectException) {
            return causedBy(failure, new ConnectException(message));
        } else if (failure instanceof SSLHandshakeException) {
            return causedBy(failure, new SSLHandshakeException(message));
        } else if (failure instanceof SSLException) {
            return new SSLException(message, failure);
        } else if (failure instanceof ProtocolException) {
            return causedBy(failure, new ProtocolException(message));
        }
        return new IOException(message, failure);
    }

    private static <X extends IOException> X causedBy(Throwable cause, X exception) {
        exception.initCause(cause);
        return exception;
    }
}
