package io.inmesh.transport;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Where both providers ask {@link PeerRules}, on a thread that may take its time. */
final class PeerTrust extends X509ExtendedTrustManager {
    private final PeerRules rules;
    private final boolean serverNameMustMatch;

    PeerTrust(PeerRules rules, boolean serverNameMustMatch) {
        this.rules = rules;
        this.serverNameMustMatch = serverNameMustMatch;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        Expectation expected = Expectation.of(engine);
        rules.verify(
                chain,
                CertificatePurpose.SERVER,
                serverNameMustMatch ? expected.serverName() : "",
                expected.allowedNames());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        rules.verify(chain, CertificatePurpose.CLIENT, "", List.of());
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return rules.anchors().toArray(X509Certificate[]::new);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    private static CertificateException withoutEngine() {
        return new CertificateException("a peer is verified for an engine only");
    }
}
