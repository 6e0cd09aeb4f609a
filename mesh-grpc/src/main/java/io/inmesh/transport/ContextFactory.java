package io.inmesh.transport;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.TlsContext;
import io.inmesh.model.UpstreamTls;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.CipherSuiteFilter;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;

/** Makes Netty's contexts. It takes some milliseconds. */
final class ContextFactory {
    private final TlsProvider provider;

    ContextFactory(TlsProvider provider) {
        this.provider = provider;
    }

    SslContext client(UpstreamTls settings, TlsMaterial material, List<String> alpn) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .trustManager(new PeerTrust(material.rules(), settings.autoSniSanValidation()))
                .endpointIdentificationAlgorithm(null)
                .sessionCacheSize(settings.maxSessionKeys());
        if (!material.identities().isEmpty()) {
            builder.keyManager(keys(material, engine -> true));
        }
        SslContext context = build(builder, settings.common(), TlsContext.Version.TLS_1_2, alpn);
        if (settings.maxSessionKeys() == 0 && context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        return context;
    }

    SslContext server(DownstreamTls settings, TlsMaterial material) throws SSLException {
        if (material.identities().isEmpty()) {
            throw new SSLException("a server needs a certificate");
        }
        PeerRules rules = material.rules();
        // Envoy requires none where it has no roots to verify one by; here such settings never get this far.
        ClientAuth auth = settings.requireClientCertificate()
                ? ClientAuth.REQUIRE
                : rules.ask() ? ClientAuth.OPTIONAL : ClientAuth.NONE;
        Identities.ServerNames names =
                engine -> !settings.requireSni() || !provider.serverName(engine).isEmpty();
        SslContextBuilder builder = SslContextBuilder.forServer(keys(material, names))
                .trustManager(new PeerTrust(rules, false))
                .clientAuth(auth);
        if (settings.sessionTimeout() != null) {
            builder.sessionTimeout(settings.sessionTimeout().toSeconds());
        }
        SslContext context = build(
                builder,
                settings.common(),
                TlsContext.Version.TLS_1_3,
                settings.common().alpn());
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            SessionRules.apply(settings, material, sessions);
        }
        return context;
    }

    /**
     * Netty keeps what the native library makes of a key as long as the key manager gives the same key. Its {@code OpenSslCachingX509KeyManagerFactory} would keep it once
     * more, and never give it back if the first two handshakes of a context are at the same time: both then take a reference to the same material, and one is lost.
     */
    private static KeyManagerFactory keys(TlsMaterial material, Identities.ServerNames names) {
        return new Identities(material.identities(), names).factory();
    }

    private SslContext build(
            SslContextBuilder builder, TlsContext common, TlsContext.Version maximum, List<String> alpn)
            throws SSLException {
        CipherRules ciphers = new CipherRules(common.parameters());
        List<String> versions = ciphers.versions(maximum);
        if (versions.isEmpty()) {
            throw new SSLException("the lowest version of TLS is above the highest");
        }
        // The JDK knows fewer ciphers and skips what it does not know.
        CipherSuiteFilter filter = provider == TlsProvider.NATIVE
                ? IdentityCipherSuiteFilter.INSTANCE
                : SupportedCipherSuiteFilter.INSTANCE;
        builder.sslProvider(provider.netty()).protocols(versions).ciphers(ciphers.ciphers(provider), filter);
        if (provider == TlsProvider.NATIVE) {
            builder.option(OpenSslContextOption.GROUPS, ciphers.curves());
        }
        if (!alpn.isEmpty()) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    alpn));
        }
        try {
            return builder.build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new SSLException("TLS cannot be set up: " + e.getMessage());
        }
    }
}
