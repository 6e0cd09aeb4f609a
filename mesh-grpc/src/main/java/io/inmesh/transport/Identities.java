package io.inmesh.transport;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Who this side is, as the providers ask for it. The authorities that a server names do not count, as in Envoy: a client shows the certificate that it has,
 * and the server judges.
 */
final class Identities extends X509ExtendedKeyManager {
    private final List<Identity> identities;
    private final ServerNames serverNames;

    /** Whether a client may be answered. */
    interface ServerNames {
        boolean allow(SSLEngine engine);
    }

    /**
     * Shows identities.
     *
     * @param serverNames by which a server decides whether to show any
     */
    Identities(List<Identity> identities, ServerNames serverNames) {
        this.identities = List.copyOf(identities);
        this.serverNames = serverNames;
    }

    /** Made known to Netty. */
    KeyManagerFactory factory() {
        return new SimpleKeyManagerFactory("Inmesh") {
            @Override
            protected void engineInit(@Nullable KeyStore keyStore, char @Nullable [] password) {}

            @Override
            protected void engineInit(@Nullable ManagerFactoryParameters parameters) {}

            @Override
            protected KeyManager[] engineGetKeyManagers() {
                return new KeyManager[] {Identities.this};
            }
        };
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        for (String keyType : keyTypes) {
            String alias = alias(keyType);
            if (alias != null) {
                return alias;
            }
        }
        return null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return engine != null && serverNames.allow(engine) ? alias(keyType) : null;
    }

    /** The first identity whose key is of a type, such as {@code RSA}, {@code EC}, {@code EC_RSA}: what comes second is how it was signed. */
    private @Nullable String alias(String keyType) {
        String wanted = keyType.startsWith("EC") ? "EC" : keyType;
        for (int i = 0; i < identities.size(); i++) {
            String algorithm = identities.get(i).key().getAlgorithm();
            if (wanted.equals(algorithm) || (wanted.equals("RSASSA-PSS") && algorithm.equals("RSA"))) {
                return Integer.toString(i);
            }
        }
        return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return identities.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return identities.get(Integer.parseInt(alias)).key();
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        String alias = alias(keyType);
        return alias == null ? new String[0] : new String[] {alias};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return getClientAliases(keyType, issuers);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineClientAlias(keyTypes, issuers, null);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(keyType);
    }
}
