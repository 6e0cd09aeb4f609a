package io.inmesh.transport;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where both providers ask {@link PeerRules}, on a thread that may take its time. */
final class PeerTrust extends X509ExtendedTrustManager {
    private static final Logger log = LoggerFactory.getLogger(PeerTrust.class);

    /** {@code X509_V_ERR_PERMITTED_VIOLATION}, of those that BoringSSL answers with {@code certificate_unknown}, as Envoy does where there is no better alert. */
    private static final int UNKNOWN_CERTIFICATE = 47;

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
        String serverName = serverNameMustMatch ? expected.serverName() : "";
        check(chain, CertificatePurpose.SERVER, serverName, expected.allowedNames());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, CertificatePurpose.CLIENT, "", List.of());
    }

    private void check(
            X509Certificate[] chain, CertificatePurpose purpose, String serverName, List<String> allowedNames)
            throws CertificateException {
        try {
            rules.verify(chain, purpose, serverName, allowedNames);
        } catch (OpenSslCertificateException | CertificateExpiredException | CertificateNotYetValidException e) {
            throw e; // they have alerts of their own
        } catch (CertificateException e) {
            log.debug("A peer is refused", e);
            throw new OpenSslCertificateException(String.valueOf(e.getMessage()), UNKNOWN_CERTIFICATE);
        }
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
