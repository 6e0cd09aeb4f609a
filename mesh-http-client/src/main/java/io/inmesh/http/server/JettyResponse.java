package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.ResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A response that the mesh sees before it is committed, at the first write or when it is complete without one. Used by one thread at a time, as every response in Jetty. */
final class JettyResponse extends Response.Wrapper {
    private final BlockingRequest asked;
    private final ServedConnection served;
    private boolean decided;
    private boolean replaced;

    JettyResponse(Request request, Response response, BlockingRequest asked, ServedConnection served) {
        super(request, response);
        this.asked = asked;
        this.served = served;
    }

    @Override
    public void write(boolean last, @Nullable ByteBuffer content, Callback callback) {
        if (replaced) {
            callback.failed(new IOException("the mesh has answered instead of the application"));
            return;
        }
        if (decided || isCommitted()) {
            super.write(last, content, callback);
            return;
        }
        decided = true;
        try {
            ResponseHead given = JettyHeads.of(this);
            ResponseHead before =
                    new ResponseHead(given.status(), given.headers().copy());
            BlockingRequest.Answer answer = asked.respond(given);
            LocalReply reply = answer.reply();
            if (reply != null) {
                replace(
                        answer.head(),
                        reply,
                        Callback.from(
                                () -> callback.failed(
                                        new IOException("the mesh has answered instead of the application")),
                                callback::failed));
                return;
            }
            if (answer.head().status() != before.status()
                    || !answer.head().headers().equals(before.headers())) {
                JettyHeads.change(this, answer.head());
            }
            endConnection();
            super.write(last, content, callback);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            callback.failed(e);
        }
    }

    /** The mesh's answer. */
    void replace(ResponseHead head, LocalReply reply, Callback callback) {
        decided = true;
        replaced = true;
        JettyHeads.change(this, head);
        endConnection();
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        super.write(true, ByteBuffer.wrap(body), callback);
    }

    /** HTTP/1.1 ends with this response; over HTTP/2 a notice is out, and the header means nothing. */
    private void endConnection() {
        if (served.draining()) {
            getHeaders().put(HttpHeader.CONNECTION, "close");
        }
    }

    /** A callback for the application, which ends a response through this one even if nothing was written. */
    Callback watching(Callback callback) {
        return new Callback.Nested(callback) {
            @Override
            public void succeeded() {
                if (decided || isCommitted()) {
                    super.succeeded();
                } else {
                    write(true, null, callback);
                }
            }

            @Override
            public void failed(Throwable failure) {
                if (replaced) {
                    callback.succeeded();
                } else if (decided || isCommitted()) {
                    super.failed(failure);
                } else {
                    Response.writeError(getRequest(), JettyResponse.this, callback, failure);
                }
            }
        };
    }
}
