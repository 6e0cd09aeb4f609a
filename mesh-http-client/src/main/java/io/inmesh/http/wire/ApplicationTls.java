package io.inmesh.http.wire;

import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import io.inmesh.transport.OffloadedTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The TLS that the application itself speaks with a destination outside the mesh: its context and parameters, as the JDK's client uses them, with host
 * name verification always on.
 */
final class ApplicationTls {
    private static final String[] HTTP_2_OR_1 = {"h2", "http/1.1"};

    private final @Nullable SSLContext givenContext;
    private final @Nullable SSLParameters givenParameters;
    private final Executor offload;

    ApplicationTls(@Nullable SSLContext context, @Nullable SSLParameters parameters, Executor offload) {
        this.givenContext = context;
        this.givenParameters = parameters;
        this.offload = offload;
    }

    /** A client's handler for one connection; the checks of the application's trust manager run on the executor. */
    SslHandler handlerFor(Passthrough target) throws SSLException {
        SSLContext context = context();
        SSLEngine engine = context.createSSLEngine(target.host(), target.port());
        engine.setUseClientMode(true);
        engine.setSSLParameters(parameters(context, target));
        SslHandler handler = OffloadedTls.of(engine, offload);
        // The connection has one timeout for all its steps.
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }

    private SSLContext context() throws SSLException {
        if (givenContext != null) {
            return givenContext;
        }
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new SSLException("the JVM's default SSLContext cannot be had: " + e.getMessage(), e);
        }
    }

    private SSLParameters parameters(SSLContext context, Passthrough target) {
        SSLParameters parameters = context.getDefaultSSLParameters();
        SSLParameters given = givenParameters;
        if (given != null) {
            copy(given, parameters);
        }
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        // As the JDK's client: HTTP/1.1 alone negotiates nothing.
        parameters.setApplicationProtocols(target.version() == HttpVersion.HTTP_1 ? new String[0] : HTTP_2_OR_1);
        if (parameters.getServerNames() == null && !isAddress(target.host())) {
            parameters.setServerNames(serverNames(target.host()));
        }
        return parameters;
    }

    /** What SSLParameters can say, from one to the other: what is null there is left to the context's default. */
    private static void copy(SSLParameters from, SSLParameters to) {
        if (from.getCipherSuites() != null) {
            to.setCipherSuites(from.getCipherSuites());
        }
        if (from.getProtocols() != null) {
            to.setProtocols(from.getProtocols());
        }
        if (from.getServerNames() != null) {
            to.setServerNames(from.getServerNames());
        }
        if (from.getSNIMatchers() != null) {
            to.setSNIMatchers(from.getSNIMatchers());
        }
        if (from.getAlgorithmConstraints() != null) {
            to.setAlgorithmConstraints(from.getAlgorithmConstraints());
        }
        to.setUseCipherSuitesOrder(from.getUseCipherSuitesOrder());
        to.setEnableRetransmissions(from.getEnableRetransmissions());
        to.setMaximumPacketSize(from.getMaximumPacketSize());
    }

    private static List<SNIServerName> serverNames(String host) {
        try {
            return List.of(new SNIHostName(host));
        } catch (IllegalArgumentException notANameForSni) {
            // A name that SNI cannot carry, such as one with an underscore at its end: sent without, verified all the
            // same.
            return List.of();
        }
    }

    private static boolean isAddress(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    /** The TLS of connections to one destination: there is nothing to wait for, and nothing in it changes. */
    record Connections(ApplicationTls tls, Passthrough target) implements ChannelTls {
        @Override
        public Runnable whenReady(Executor loop, Consumer<@Nullable String> ready) {
            ready.accept(null);
            return () -> {};
        }

        @Override
        public @Nullable String awaited() {
            return null;
        }

        @Override
        public SslHandler newHandler(ByteBufAllocator allocator) throws SSLException {
            return tls.handlerFor(target);
        }

        @Override
        public long generation() {
            return 0;
        }

        @Override
        public boolean isOutdated(long generation) {
            return false;
        }
    }
}
