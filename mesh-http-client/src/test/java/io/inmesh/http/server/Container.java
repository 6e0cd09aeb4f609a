package io.inmesh.http.server;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Servlet;
import java.util.EnumSet;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;

/** A real container with servlets and the guard before them. */
interface Container extends AutoCloseable {
    int port();

    /** Ends it; more than once does nothing. */
    void stop();

    @Override
    default void close() {
        stop();
    }

    /** Which one. */
    enum Kind {
        TOMCAT,
        JETTY;

        Container start(ServedMesh mesh, Map<String, Servlet> servlets) throws Exception {
            return this == TOMCAT ? tomcat(mesh, servlets) : jetty(mesh, servlets, new HttpConfiguration());
        }

        /** One whose connector leaves it to the mesh which paths are good, as far as it can be told to. */
        Container startLenient(ServedMesh mesh, Map<String, Servlet> servlets) throws Exception {
            HttpConfiguration lenient = new HttpConfiguration();
            lenient.setUriCompliance(UriCompliance.UNSAFE);
            return this == TOMCAT ? tomcat(mesh, servlets) : jetty(mesh, servlets, lenient);
        }
    }

    private static Container tomcat(ServedMesh mesh, Map<String, Servlet> servlets) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
        Connector connector = new Connector(new MeshTomcatProtocol().mesh(mesh.inbound, mesh.tls));
        connector.setPort(0);
        connector.setThrowOnFailure(true);
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        FilterDef filter = new FilterDef();
        filter.setFilterName("mesh");
        filter.setFilter(new MeshServletFilter(true));
        filter.setAsyncSupported("true");
        context.addFilterDef(filter);
        FilterMap mapping = new FilterMap();
        mapping.setFilterName("mesh");
        mapping.addURLPattern("/*");
        context.addFilterMap(mapping);
        servlets.forEach((pattern, servlet) -> {
            Wrapper wrapper = Tomcat.addServlet(context, pattern, servlet);
            wrapper.setAsyncSupported(true);
            wrapper.addMapping(pattern);
        });
        tomcat.start();
        return new Container() {
            @Override
            public int port() {
                return connector.getLocalPort();
            }

            @Override
            public void stop() {
                if (tomcat.getServer().getState() == LifecycleState.DESTROYED) {
                    return;
                }
                try {
                    tomcat.stop();
                    tomcat.destroy();
                } catch (LifecycleException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private static Container jetty(ServedMesh mesh, Map<String, Servlet> servlets, HttpConfiguration configuration)
            throws Exception {
        Server server = new Server();
        ServletContextHandler context = new ServletContextHandler("/");
        FilterHolder filter = new FilterHolder(new MeshServletFilter(true));
        filter.setAsyncSupported(true);
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
        servlets.forEach((pattern, servlet) -> {
            ServletHolder holder = new ServletHolder(servlet);
            holder.setAsyncSupported(true);
            context.addServlet(holder, pattern);
        });
        server.setHandler(new MeshJettyHandler(context));
        MeshJettyConnector connector = new MeshJettyConnector(server, mesh.inbound, mesh.tls, configuration);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.start();
        return new Container() {
            @Override
            public int port() {
                return connector.getLocalPort();
            }

            @Override
            public void stop() {
                try {
                    server.stop();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }
}
