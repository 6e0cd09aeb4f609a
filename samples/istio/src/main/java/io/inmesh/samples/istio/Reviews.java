package io.inmesh.samples.istio;

import io.inmesh.http.server.MeshJettyConnector;
import io.inmesh.http.server.MeshJettyHandler;
import java.net.InetAddress;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;

/** The service {@code reviews}: a server on Jetty, and the mesh before its handlers. */
public final class Reviews {
    private static final int PORT = 9080;

    private Reviews() {}

    /** Serves until the process is ended. */
    public static void main(String[] args) throws Exception {
        Membership member = Membership.join();
        String name = Environment.of("POD_NAME");
        Server server = new Server();
        server.setHandler(new MeshJettyHandler(new ReviewsHandler(name, Environment.version())));
        MeshJettyConnector connector =
                new MeshJettyConnector(server, member.mesh().inbound(), member.tls(), new HttpConfiguration());
        connector.setHost(InetAddress.getByName(Environment.of("INSTANCE_IP")).getHostAddress());
        connector.setPort(PORT);
        server.addConnector(connector);
        server.start();
        server.join();
    }
}
