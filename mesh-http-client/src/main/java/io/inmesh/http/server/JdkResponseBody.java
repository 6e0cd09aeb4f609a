package io.inmesh.http.server;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Where the application writes: on, or nowhere if the mesh has answered instead. The request is over when it is closed. */
final class JdkResponseBody extends OutputStream {
    private final BlockingRequest request;
    private @Nullable OutputStream target;

    JdkResponseBody(BlockingRequest request) {
        this.request = request;
    }

    /** The response's head is out. */
    void goesTo(OutputStream newTarget) {
        target = newTarget;
    }

    private OutputStream target() throws IOException {
        OutputStream known = target;
        if (known == null) {
            throw new IOException("response headers not sent yet");
        }
        return known;
    }

    @Override
    public void write(int b) throws IOException {
        target().write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        target().write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        target().flush();
    }

    @Override
    public void close() throws IOException {
        try {
            target().close();
        } finally {
            request.close();
        }
    }
}
