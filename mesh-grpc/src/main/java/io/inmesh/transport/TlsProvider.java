package io.inmesh.transport;

import io.inmesh.model.DownstreamTls;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who does the cryptography, and how each of the two is told what their common interface cannot say.
 *
 * <p>What the JDK's provider cannot do: as a server it aborts the handshake on server names that are no host names; it cannot parse certificates with an
 * empty issuer, not even to look at a pin; it knows no equal preference of ciphers, no session tickets that can be switched off for one context, no ticket
 * keys.
 */
enum TlsProvider {
    /** netty-tcnative with BoringSSL. */
    NATIVE(SslProvider.OPENSSL_REFCNT) {
        @Override
        void prepareClient(SSLEngine engine, String serverName, CipherRules ciphers) {
            long ssl = ((ReferenceCountedOpenSslEngine) engine).sslPointer();
            if (!serverName.isEmpty()) {
                // Netty's own way drops silently what is no host name.
                SSL.setTlsExtHostName(ssl, serverName);
            }
            // Without tickets TLS 1.2 resumes only where the server keeps sessions.
            SSL.clearOptions(ssl, SSL.SSL_OP_NO_TICKET);
            prepare(ssl, ciphers, () -> SSL.setRenegotiateMode(ssl, SSL.SSL_RENEGOTIATE_NEVER));
        }

        @Override
        void prepareServer(SSLEngine engine, DownstreamTls settings, CipherRules ciphers) {
            long ssl = ((ReferenceCountedOpenSslEngine) engine).sslPointer();
            if (settings.preferClientCiphers()) {
                SSL.clearOptions(ssl, SSL.SSL_OP_CIPHER_SERVER_PREFERENCE);
            }
            if (settings.statelessResumption()) {
                SSL.clearOptions(ssl, SSL.SSL_OP_NO_TICKET);
            } else {
                SSL.setOptions(ssl, SSL.SSL_OP_NO_TICKET);
            }
            prepare(ssl, ciphers, () -> {});
        }

        /** Equal preference in brackets is known to the connection only: Netty's way to the context takes single names. */
        private void prepare(long ssl, CipherRules ciphers, NativeCall more) {
            try {
                if (ciphers.hasGroups()) {
                    SSL.setCipherSuites(ssl, ciphers.cipherString(), false);
                }
                more.run();
            } catch (Exception e) {
                throw new IllegalStateException(e.getMessage());
            }
        }

        @Override
        String serverName(SSLEngine engine) {
            ReferenceCountedOpenSslEngine own = (ReferenceCountedOpenSslEngine) engine;
            String name = own.refCnt() > 0 && own.sslPointer() != 0 ? SSL.getSniHostname(own.sslPointer()) : null;
            return name == null ? "" : name;
        }

        @Override
        String version() {
            return "netty-tcnative, " + OpenSsl.versionString();
        }
    },

    /** The JDK's own. */
    JDK(SslProvider.JDK) {
        @Override
        void prepareClient(SSLEngine engine, String serverName, CipherRules ciphers) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(serverName.isEmpty() ? List.of() : List.of(new AnyName(serverName)));
            engine.setSSLParameters(parameters);
        }

        @Override
        void prepareServer(SSLEngine engine, DownstreamTls settings, CipherRules ciphers) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setUseCipherSuitesOrder(!settings.preferClientCiphers());
            engine.setSSLParameters(parameters);
        }

        @Override
        String serverName(SSLEngine engine) {
            SSLSession handshake = engine.getHandshakeSession();
            if ((handshake == null ? engine.getSession() : handshake) instanceof ExtendedSSLSession session) {
                for (SNIServerName name : session.getRequestedServerNames()) {
                    return new String(name.getEncoded(), StandardCharsets.UTF_8);
                }
            }
            return "";
        }

        @Override
        String version() {
            return "JDK " + Runtime.version();
        }
    };

    /** {@code jdk} or {@code native} forces the choice. */
    static final String PROPERTY = "io.inmesh.transport.provider";

    private static final Logger log = LoggerFactory.getLogger(TlsProvider.class);

    private final SslProvider netty;

    TlsProvider(SslProvider netty) {
        this.netty = netty;
    }

    /** The native one where it loads. */
    static TlsProvider choose() {
        String forced = System.getProperty(PROPERTY, "");
        if (forced.equals("jdk")) {
            return JDK;
        }
        if (OpenSsl.isAvailable() || forced.equals("native")) {
            OpenSsl.ensureAvailability();
            return NATIVE;
        }
        return Fallback.JDK;
    }

    SslProvider netty() {
        return netty;
    }

    /** Lets a client send a server name, whatever it is; empty for none. */
    abstract void prepareClient(SSLEngine engine, String serverName, CipherRules ciphers);

    abstract void prepareServer(SSLEngine engine, DownstreamTls settings, CipherRules ciphers);

    /** The server name that a client sent; empty for none. */
    abstract String serverName(SSLEngine engine);

    abstract String version();

    /** A call into BoringSSL. */
    private interface NativeCall {
        void run() throws Exception;
    }

    /** Logs once, when it is first needed. */
    private static final class Fallback {
        static final TlsProvider JDK = TlsProvider.JDK;

        static {
            log.warn(
                    "Mesh TLS uses the JDK's provider, because netty-tcnative does not load ({}). As a server it refuses clients whose server name (SNI) is no host"
                            + " name, such as Istio's and Kuma's; it cannot read certificates without an issuer; session tickets and the preference of ciphers"
                            + " are the JDK's",
                    String.valueOf(OpenSsl.unavailabilityCause()));
        }
    }

    /** A server name of any text. */
    private static final class AnyName extends SNIServerName {
        AnyName(String name) {
            super(0, name.getBytes(StandardCharsets.UTF_8));
        }
    }
}
