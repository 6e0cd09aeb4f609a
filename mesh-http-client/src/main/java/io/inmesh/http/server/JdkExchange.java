package io.inmesh.http.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpPrincipal;
import com.sun.net.httpserver.HttpsExchange;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.security.MeshPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A request as the mesh made it, and a response that passes the mesh before it goes out. Used by one thread at a time, not always the same one. */
final class JdkExchange extends HttpsExchange {
    private static final String REALM = "mesh";

    private final HttpsExchange received;
    private final ServedConnection connection;
    private final BlockingRequest request;
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private final JdkResponseBody body;
    private String method;
    private URI uri;
    private Headers fields;
    private HttpContext context;
    private @Nullable HttpPrincipal principal;
    private InputStream in;
    private OutputStream out;
    private boolean responded;

    JdkExchange(
            HttpsExchange received, ServedConnection connection, DownstreamConnection facts, BlockingRequest request) {
        this.received = received;
        this.connection = connection;
        this.request = request;
        body = new JdkResponseBody(request);
        method = received.getRequestMethod();
        uri = received.getRequestURI();
        fields = received.getRequestHeaders();
        context = received.getHttpContext();
        in = received.getRequestBody();
        out = body;
        attributes.put(MeshHttpsServer.CONNECTION, facts);
    }

    /** The mesh let it pass, in this form, which is an URI because {@link ServedPath} has nothing against it. */
    void accept(RequestHead head, JdkContext servedBy) throws IOException {
        method = head.method();
        uri = URI.create(head.path());
        fields = JdkHeads.fields(head);
        context = servedBy;
        MeshPrincipal caller = MeshPrincipal.of(request.info());
        if (caller != null) {
            attributes.put(MeshHttpsServer.PRINCIPAL, caller);
            principal = new HttpPrincipal(caller.getName(), REALM);
        }
    }

    /** An authenticator of the application knows better. */
    void principal(HttpPrincipal newPrincipal) {
        principal = newPrincipal;
    }

    @Override
    public void sendResponseHeaders(int status, long length) throws IOException {
        if (responded) {
            throw new IOException("headers already sent");
        }
        try {
            send(request.respond(JdkHeads.of(received.getResponseHeaders(), status, length)), length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new InterruptedIOException("interrupted while the mesh looked at a response");
        } catch (RuntimeException e) {
            close(); // nothing goes out that the mesh has not seen
            throw e;
        }
    }

    /**
     * Sends what is to go out.
     *
     * @param length of the application's body
     */
    void send(BlockingRequest.Answer answer, long length) throws IOException {
        responded = true;
        boolean headOnly = received.getRequestMethod().equals("HEAD");
        JdkHeads.change(received.getResponseHeaders(), answer.head(), headOnly);
        if (connection.draining()) {
            received.getResponseHeaders().set("Connection", "close");
        }
        LocalReply reply = answer.reply();
        if (reply == null) {
            received.sendResponseHeaders(answer.head().status(), headOnly ? -1 : length);
            if (length >= 0 && !headOnly) {
                body.goesTo(received.getResponseBody());
                return;
            }
        } else {
            answer(answer.head().status(), headOnly ? "" : reply.body());
        }
        body.goesTo(OutputStream.nullOutputStream()); // the JDK takes a second end of one response for that of another
        request.close();
    }

    private void answer(int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        received.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            received.getResponseBody().write(bytes);
            received.getResponseBody().close();
        }
    }

    @Override
    public void close() {
        received.close();
        request.close();
    }

    @Override
    public Headers getRequestHeaders() {
        return fields;
    }

    @Override
    public Headers getResponseHeaders() {
        return received.getResponseHeaders();
    }

    @Override
    public URI getRequestURI() {
        return uri;
    }

    @Override
    public String getRequestMethod() {
        return method;
    }

    @Override
    public HttpContext getHttpContext() {
        return context;
    }

    @Override
    public InputStream getRequestBody() {
        return in;
    }

    @Override
    public OutputStream getResponseBody() {
        return out;
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return received.getRemoteAddress();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return received.getLocalAddress();
    }

    @Override
    public int getResponseCode() {
        return received.getResponseCode();
    }

    @Override
    public String getProtocol() {
        return received.getProtocol();
    }

    @Override
    public SSLSession getSSLSession() {
        return received.getSSLSession();
    }

    /** Of this exchange, or else of its context. The JDK's own are all of the context, and so may be another caller's. */
    @Override
    public @Nullable Object getAttribute(String name) {
        Object own = attributes.get(name);
        return own == null ? context.getAttributes().get(name) : own;
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        if (value == null) {
            attributes.remove(name);
        } else {
            attributes.put(name, value);
        }
    }

    @Override
    public void setStreams(@Nullable InputStream newIn, @Nullable OutputStream newOut) {
        in = newIn == null ? in : newIn;
        out = newOut == null ? out : newOut;
    }

    @Override
    public @Nullable HttpPrincipal getPrincipal() {
        return principal;
    }
}
