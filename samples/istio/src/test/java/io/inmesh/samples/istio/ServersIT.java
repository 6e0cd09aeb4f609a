package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.inmesh.http.server.MeshHttpsServer;
import io.inmesh.http.server.MeshJettyConnector;
import io.inmesh.http.server.MeshJettyHandler;
import io.inmesh.http.server.MeshTomcatProtocol;
import io.inmesh.inbound.InboundPort;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.Principal;
import java.time.Duration;
import java.util.Objects;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each server that the library supports, under istiod's configuration; the other tests have one on Netty. */
@ExtendWith(RealIstio.class)
class ServersIT {
    private static final int PORT = 19080;
    private static final String CALLER = "spiffe://cluster.local/ns/servers/sa/web";

    private static TestNamespace namespace;
    private static Pod web;

    @BeforeAll
    static void start(LocalControlPlane controlPlane, @TempDir Path folder) throws Exception {
        namespace = new TestNamespace(controlPlane, "servers", 32);
        for (String service : new String[] {"jdk", "jetty", "tomcat"}) {
            namespace.service(service);
        }
        namespace.instance("jdk", "v1", 11);
        namespace.instance("jetty", "v1", 12);
        namespace.instance("tomcat", "v1", 13);
        awaitReady(jdk(namespace.pod("jdk", 11)));
        awaitReady(jetty(namespace.pod("jetty", 12)));
        awaitReady(tomcat(namespace.pod("tomcat", 13), folder));
        web = namespace.pod("web", 1);
    }

    private static void awaitReady(InboundPort port) throws Exception {
        port.awaitReady(Duration.ofSeconds(20));
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    private static InboundPort jdk(Pod pod) throws IOException {
        MeshHttpsServer server =
                MeshHttpsServer.create(pod.mesh.inbound(), pod.tls, new InetSocketAddress(pod.address, PORT), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders()
                    .set("x-caller", exchange.getPrincipal().getUsername());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        HttpServer owned = server;
        namespace.own(() -> owned.stop(0));
        return Objects.requireNonNull(server.port());
    }

    private static InboundPort jetty(Pod pod) throws Exception {
        Server server = new Server();
        server.setHandler(new MeshJettyHandler(new ReviewsHandler("jetty", "v1")));
        MeshJettyConnector connector =
                new MeshJettyConnector(server, pod.mesh.inbound(), pod.tls, new HttpConfiguration());
        connector.setHost(pod.address);
        connector.setPort(PORT);
        server.addConnector(connector);
        server.start();
        namespace.own(server::stop);
        return Objects.requireNonNull(connector.port());
    }

    private static InboundPort tomcat(Pod pod, Path folder) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        MeshTomcatProtocol protocol = new MeshTomcatProtocol().mesh(pod.mesh.inbound(), pod.tls);
        Connector connector = new Connector(protocol);
        connector.setProperty("address", pod.address);
        connector.setPort(PORT);
        connector.setThrowOnFailure(true);
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "caller", new CallerServlet()).addMapping("/");
        tomcat.start();
        namespace.own(() -> {
            tomcat.stop();
            tomcat.destroy();
        });
        return Objects.requireNonNull(protocol.port());
    }

    private static final class CallerServlet extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) {
            Object principal = request.getAttribute("io.inmesh.principal");
            response.setHeader("x-caller", principal == null ? "nobody" : ((Principal) principal).getName());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdk", "jetty", "tomcat"})
    void server_takesTheMeshsCallers_andRefusesWhomThePolicyRefuses(String service) throws Exception {
        HttpResponse<String> served = web.get("http://" + service + ":9080/open");
        assertThat(served.statusCode()).isEqualTo(200);
        assertThat(served.headers().firstValue("x-caller")).contains(CALLER);
        String policy = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: closed}
                spec: {selector: {matchLabels: {app: $APP}}, action: DENY, rules: [{to: [{operation: {paths: [/closed]}}]}]}
                """.replace("$APP", service);
        namespace.during(policy, () -> {
            TestNamespace.eventually(() -> assertThat(
                            web.get("http://" + service + ":9080/closed").statusCode())
                    .isEqualTo(403));
            assertThat(web.get("http://" + service + ":9080/open").statusCode()).isEqualTo(200);
        });
    }
}
