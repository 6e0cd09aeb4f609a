package io.inmesh.http.server;

import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;

/** Makes what a connection is from its start until it is known which protocol is spoken on it. */
final class JettyArrivalFactory extends AbstractConnectionFactory {
    JettyArrivalFactory() {
        super("mesh");
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        ServedConnection served = JettyEndPoint.served(endPoint);
        if (served == null) {
            throw new IllegalStateException("a connection that is not the mesh's");
        }
        return configured(new JettyArrival(this, connector, endPoint, served), connector, endPoint);
    }

    /** TLS, and on it what finds out which protocol is spoken. */
    SslConnection tls(Connector connector, EndPoint endPoint, ServedConnection served) {
        SslConnection tls = new SslConnection(
                connector.getByteBufferPool(), connector.getExecutor(), null, endPoint, served.engine());
        tls.setRenegotiationAllowed(false);
        EndPoint decrypted = tls.getSslEndPoint();
        JettyNegotiation negotiation =
                configured(new JettyNegotiation(connector, decrypted, served), connector, decrypted);
        tls.addHandshakeListener(negotiation);
        decrypted.setConnection(negotiation);
        return configured(tls, connector, endPoint);
    }

    private <T extends AbstractConnection> T configured(T connection, Connector connector, EndPoint endPoint) {
        return configure(connection, connector, endPoint);
    }

    /** HTTP. */
    static Connection http(Connector connector, EndPoint endPoint, boolean http2) {
        ConnectionFactory factory = connector.getConnectionFactory(http2 ? "h2c" : "http/1.1");
        Connection connection = factory.newConnection(connector, endPoint);
        ServedConnection served = JettyEndPoint.served(endPoint);
        if (served != null) {
            served.endsBy(new JettySocket(connector, connection));
        }
        return connection;
    }
}
