package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.ResponseHead;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ActionHook;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.Response;

/**
 * One request in Tomcat and its response. It stands between Tomcat's response and the connection's processor, which is the one place that all responses pass before they are
 * committed: those of servlets, of other threads, of error pages. A body passes a {@link TomcatBody}.
 */
final class TomcatExchange implements ActionHook {
    /** A number of Tomcat's notes that nothing in Tomcat uses. */
    private static final int NOTE = org.apache.coyote.Constants.MAX_NOTES - 1;

    /** Where a response keeps its processor. Tomcat has no setter for it; should the field have gone, this class does not load and the connector does not start. */
    private static final VarHandle HOOK = hook(Response.class);

    /** Where a request does. */
    private static final VarHandle REQUEST_HOOK = hook(Request.class);

    private final BlockingRequest request;
    private final boolean drains;
    private final Request from;
    private final Response response;
    private final ActionHook processor;
    private final InputBuffer body;
    private boolean decided;

    private TomcatExchange(BlockingRequest request, ServedConnection connection, Request from, Response response) {
        this.request = request;
        this.drains = connection.draining() && !from.protocol().equals("HTTP/2.0");
        this.from = from;
        this.response = response;
        this.processor = (ActionHook) HOOK.getVolatile(response);
        this.body = from.getInputBuffer();
    }

    private static VarHandle hook(Class<?> holder) {
        try {
            return MethodHandles.privateLookupIn(holder, MethodHandles.lookup())
                    .findVarHandle(holder, "hook", ActionHook.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Begins to watch over the response, and over the request's body if there is one. */
    static TomcatExchange begin(BlockingRequest request, ServedConnection connection, Request from, Response response) {
        TomcatExchange exchange = new TomcatExchange(request, connection, from, response);
        from.setNote(NOTE, exchange);
        HOOK.setVolatile(response, exchange);
        if (!request.isWhole()) {
            from.setInputBuffer(new TomcatBody(request, from, exchange.body));
            REQUEST_HOOK.setVolatile(from, exchange);
        }
        return exchange;
    }

    /** The request and its response are over, if there are such: lets go of the response, which Tomcat uses again. */
    static void end(Request from) {
        if (from.getNote(NOTE) instanceof TomcatExchange exchange) {
            from.setNote(NOTE, null);
            HOOK.setVolatile(exchange.response, exchange.processor);
            REQUEST_HOOK.setVolatile(from, exchange.processor);
            from.setInputBuffer(exchange.body);
            exchange.request.close();
        }
    }

    @Override
    public void action(ActionCode code, Object parameter) {
        if (!decided
                && (code == ActionCode.COMMIT || code == ActionCode.CLIENT_FLUSH || code == ActionCode.CLOSE)
                && !response.isCommitted()) {
            decided = true;
            decide();
        }
        if (code == ActionCode.REQ_SET_BODY_REPLAY) {
            from.setInputBuffer(
                    body); // Tomcat counts on its own, to give a body that was kept during a login to the application
        }
        processor.action(code, parameter);
    }

    private void decide() {
        try {
            ResponseHead given = TomcatHeads.of(response);
            ResponseHead before =
                    new ResponseHead(given.status(), given.headers().copy());
            BlockingRequest.Answer answer = request.respond(given);
            LocalReply reply = answer.reply();
            if (reply != null) {
                replace(answer.head(), reply);
            } else if (answer.head().status() != before.status()
                    || !answer.head().headers().equals(before.headers())) {
                TomcatHeads.change(response, answer.head());
            }
            if (drains) {
                response.setHeader("Connection", "close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            processor.action(ActionCode.CLOSE_NOW, e);
        } catch (RuntimeException e) {
            processor.action(ActionCode.CLOSE_NOW, e); // nothing goes out that the mesh has not seen
            throw e;
        }
    }

    /** The mesh's answer instead of the application's, whose bytes find a response that is closed. */
    void replace(ResponseHead head, LocalReply reply) {
        decided = true;
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        TomcatHeads.change(response, head);
        response.setContentLength(body.length);
        if (drains) {
            response.setHeader("Connection", "close");
        }
        processor.action(ActionCode.COMMIT, response);
        response.setCommitted(true);
        try {
            if (body.length > 0) {
                response.doWrite(ByteBuffer.wrap(body));
            }
        } catch (IOException e) {
            response.setErrorException(e);
        }
        processor.action(ActionCode.CLOSE, response);
    }
}
