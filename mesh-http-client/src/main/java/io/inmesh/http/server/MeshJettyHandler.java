package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.security.MeshPrincipal;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first handler of a Jetty server in the mesh: it asks the policies about each request before any context is chosen for it, and hands it on as the mesh made it, so the
 * path that they allow is the path that is served; one that a context would read otherwise is answered 400. Responses pass the mesh before they are committed, error
 * pages included. {@link MeshServletFilter#CONNECTION} and {@link MeshServletFilter#PRINCIPAL} are among the request's attributes.
 *
 * <p>A request that did not come through a {@link MeshJettyConnector} is refused with 503.
 */
public final class MeshJettyHandler extends Handler.Wrapper {
    private static final Logger LOG = LoggerFactory.getLogger(MeshJettyHandler.class);

    /**
     * A handler.
     *
     * @param application the handler that comes after it
     */
    public MeshJettyHandler(Handler application) {
        super(application);
    }

    /** A verdict may have to be waited for. */
    @Override
    public InvocationType getInvocationType() {
        return InvocationType.BLOCKING;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        ServedConnection served = JettyEndPoint.served(
                request.getConnectionMetaData().getConnection().getEndPoint());
        InboundConnection connection = served == null ? null : served.inbound();
        if (served == null || connection == null) {
            LOG.warn(
                    "A request did not come through a connector of the mesh and is refused with 503: use MeshJettyConnector");
            Response.writeError(request, response, callback, 503, "this port is not in the mesh");
            return true;
        }
        RequestHead received = JettyHeads.of(request, served.secure());
        BlockingRequest asked = new BlockingRequest(
                connection, received.copy(), JettyHeads.ended(request), JettyHeads.protocol(request));
        Request.addCompletionListener(request, failure -> asked.close());
        RequestHead accepted = asked.verdict();
        JettyResponse out = new JettyResponse(request, response, asked, served);
        if (accepted == null) {
            BlockingRequest.Answer answer = asked.answer();
            LocalReply reply = answer == null ? null : answer.reply();
            if (answer == null || reply == null) {
                throw new IllegalStateException("the mesh neither accepted a request nor answered it");
            }
            out.replace(answer.head(), reply, callback);
            return true;
        }
        String ambiguity = ServedPath.ambiguity(accepted.path());
        if (ambiguity != null) {
            LOG.debug("Request for {} is answered 400: its path {}", accepted.path(), ambiguity);
            out.setStatus(400);
            out.write(true, null, callback);
            return true;
        }
        JettyRequest in = new JettyRequest(request, asked, received, accepted, served.secure());
        in.setAttribute(MeshServletFilter.CONNECTION, connection.facts());
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        EndPoint.SslSessionData session = endPoint.getSslSessionData();
        if (session != null) {
            in.setAttribute(
                    EndPoint.SslSessionData.ATTRIBUTE,
                    served.peerVerified()
                            ? session
                            : EndPoint.SslSessionData.from(
                                    session.sslSession(), session.sslSessionId(), session.cipherSuite(), null));
        }
        MeshPrincipal principal = MeshPrincipal.of(asked.info());
        if (principal != null) {
            in.setAttribute(MeshServletFilter.PRINCIPAL, principal);
        }
        handOn(in, new JettyResponse(in, response, asked, served), callback);
        return true;
    }

    /** Whatever comes of it goes out through the response that the mesh watches, so nothing is left to what Jetty does without it. */
    private void handOn(JettyRequest in, JettyResponse out, Callback callback) {
        Callback watched = out.watching(callback);
        try {
            if (!super.handle(in, out, watched)) {
                Response.writeError(in, out, callback, 404);
            }
        } catch (Throwable e) {
            Response.writeError(in, out, callback, e);
        }
    }
}
