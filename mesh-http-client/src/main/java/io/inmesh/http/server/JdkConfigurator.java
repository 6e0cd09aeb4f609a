package io.inmesh.http.server;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import javax.net.ssl.SSLContext;

/** Tells an engine whose connection it is for: the JDK's server gives the engine only what a resolver calls the caller. */
final class JdkConfigurator extends HttpsConfigurator {

    JdkConfigurator(SSLContext context) {
        super(context);
    }

    @Override
    public void configure(HttpsParameters parameters) {
        parameters.setSSLParameters(new JdkCaller(parameters.getClientAddress()));
    }
}
