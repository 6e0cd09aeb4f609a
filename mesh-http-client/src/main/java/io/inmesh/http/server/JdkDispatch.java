package io.inmesh.http.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsExchange;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.InboundConnection;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that the JDK's server serves: asks the mesh about a request, and then looks for the context that serves it. */
final class JdkDispatch implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(MeshHttpsServer.class);

    private final JdkContexts contexts;

    JdkDispatch(JdkContexts contexts) {
        this.contexts = contexts;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        ServedConnection connection = connection(exchange);
        InboundConnection inbound = connection == null ? null : connection.inbound();
        if (connection == null || inbound == null || !(exchange instanceof HttpsExchange received)) {
            LOG.warn(
                    "A request from {} did not come through an engine of the mesh and is refused with 503",
                    exchange.getRemoteAddress());
            refuse(exchange, 503);
            return;
        }
        int fault = JdkHeads.fault(received);
        RequestHead head = fault == 0 ? JdkHeads.of(received) : null;
        if (head == null) {
            refuse(received, fault == 0 ? 400 : fault);
            return;
        }
        BlockingRequest request = new BlockingRequest(inbound, head, JdkHeads.ended(received), "HTTP/1.1");
        try {
            ask(new JdkExchange(received, connection, inbound.facts(), request), request);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server stops");
        } catch (IOException | RuntimeException | Error e) {
            request.close(); // and the JDK closes the connection
            throw e;
        }
    }

    private void ask(JdkExchange exchange, BlockingRequest request) throws IOException, InterruptedException {
        RequestHead accepted = request.verdict();
        if (accepted == null) {
            BlockingRequest.Answer answer = request.answer();
            if (answer == null) {
                throw new IllegalStateException("the mesh neither accepted a request nor answered it");
            }
            exchange.send(answer, -1);
            exchange.close();
            return;
        }
        String ambiguity = ServedPath.ambiguity(accepted.path());
        if (ambiguity != null) {
            LOG.debug("Request for {} is answered 400: its path {}", accepted.path(), ambiguity);
            exchange.sendResponseHeaders(400, -1);
            exchange.close();
            return;
        }
        int query = accepted.path().indexOf('?');
        JdkContext context =
                contexts.find(query < 0 ? accepted.path() : accepted.path().substring(0, query));
        if (context == null) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        exchange.accept(accepted, context);
        context.serve(exchange);
    }

    private static @Nullable ServedConnection connection(HttpExchange exchange) {
        return exchange instanceof HttpsExchange secure && secure.getSSLSession() instanceof JdkSession session
                ? session.connection()
                : null;
    }

    /** Answers what gets neither to the mesh nor to the application. Nothing that follows on the connection is read. */
    private static void refuse(HttpExchange exchange, int status) throws IOException {
        exchange.getResponseHeaders().set("Connection", "close");
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }
}
