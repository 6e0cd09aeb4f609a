package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.security.MeshPrincipal;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the mesh about a request when Tomcat has read its head and not yet begun to look for who serves it. */
final class TomcatAdapter implements Adapter {
    private static final Logger LOG = LoggerFactory.getLogger(TomcatAdapter.class);

    private final Adapter container;

    TomcatAdapter(Adapter container) {
        this.container = container;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        try {
            if (admitted(request, response)) {
                container.service(request, response);
            }
        } finally {
            endUnlessAsync(request);
        }
    }

    private static boolean admitted(Request request, Response response) throws InterruptedException {
        if (response.getStatus() >= 400) {
            refuse(
                    response,
                    response.getStatus()); // Tomcat could not read it, so there is nothing that policies could look at
            return false;
        }
        TomcatConnection connection = connection(request);
        if (connection == null) {
            throw new IllegalStateException("a request without a connection of the mesh");
        }
        boolean secure = connection.served().secure();
        String scheme = secure ? "https" : "http";
        request.scheme().setString(scheme); // what the connection is, whatever HTTP/2's :scheme says
        if (!secure) {
            request.getAttributes().remove(SSLSupport.SESSION_MGR);
        }
        RequestHead received = TomcatHeads.of(request, scheme);
        BlockingRequest asked =
                new BlockingRequest(connection.inbound(), received.copy(), request.isFinished(), protocol(request));
        TomcatExchange exchange = TomcatExchange.begin(asked, connection.served(), request, response);
        RequestHead accepted = asked.verdict();
        if (accepted == null) {
            BlockingRequest.Answer answer = asked.answer();
            LocalReply reply = answer == null ? null : answer.reply();
            if (answer == null || reply == null) {
                throw new IllegalStateException("the mesh neither accepted a request nor answered it");
            }
            exchange.replace(answer.head(), reply);
            return false;
        }
        String ambiguity = ServedPath.ambiguity(accepted.path());
        if (ambiguity != null) {
            LOG.debug("Request for {} is answered 400: its path {}", accepted.path(), ambiguity);
            refuse(response, 400);
            return false;
        }
        TomcatHeads.change(request, received, accepted);
        request.setAttribute(MeshServletFilter.CONNECTION, connection.inbound().facts());
        MeshPrincipal principal = MeshPrincipal.of(asked.info());
        if (principal != null) {
            request.setAttribute(MeshServletFilter.PRINCIPAL, principal);
        }
        return true;
    }

    private static void refuse(Response response, int status) {
        response.setStatus(status);
        response.setContentLength(0);
        response.action(ActionCode.CLOSE, null);
    }

    /** Tomcat tells of a connection only as a part of what it tells of TLS. */
    private static @Nullable TomcatConnection connection(Request request) {
        request.action(ActionCode.REQ_SSL_ATTRIBUTE, request);
        return request.getAttribute(SSLSupport.SESSION_MGR) instanceof TomcatConnection connection ? connection : null;
    }

    private static String protocol(Request request) {
        String protocol = String.valueOf(request.protocol());
        return protocol.equals("HTTP/2.0") ? "HTTP/2" : protocol;
    }

    private static void endUnlessAsync(Request request) {
        AtomicBoolean async = new AtomicBoolean();
        request.action(ActionCode.ASYNC_IS_ASYNC, async);
        if (!async.get()) {
            TomcatExchange.end(request);
        }
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
        return container.prepare(request, response);
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent event) throws Exception {
        try {
            return container.asyncDispatch(request, response, event);
        } finally {
            endUnlessAsync(request);
        }
    }

    @Override
    public void log(Request request, Response response, long time) {
        container.log(request, response, time);
    }

    @Override
    public void checkRecycled(Request request, Response response) {
        TomcatExchange.end(request);
        container.checkRecycled(request, response);
    }

    @Override
    public String getDomain() {
        return container.getDomain();
    }
}
