package io.inmesh.transport;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.model.SubjectAltNameMatcher;
import java.math.BigInteger;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a finished handshake tells of a connection and of the peer. A resumed session tells the same as the one that it resumes. */
final class PeerFacts {
    private static final String LABEL = "CERTIFICATE";

    private PeerFacts() {}

    /**
     * Tells it.
     *
     * @param verified whether the engine's own rules let nobody through who is not verified
     * @param current  the contexts in force, which may be newer than the engine's; null if there are none any more
     */
    static DownstreamConnection.Tls of(
            SSLEngine engine, TlsProvider provider, boolean verified, @Nullable Generation current) {
        SSLSession session = engine.getSession();
        String protocol = engine.getApplicationProtocol();
        return new DownstreamConnection.Tls(
                provider.serverName(engine),
                protocol == null ? "" : protocol,
                session.getProtocol(),
                session.getCipherSuite(),
                peer(session, verified, current),
                localUris(session, current));
    }

    /** Of the certificate that this side showed. A resumed session of BoringSSL's does not remember it; then it is the one in force, as for Envoy. */
    private static List<String> localUris(SSLSession session, @Nullable Generation current) {
        Certificate[] shown = session.getLocalCertificates();
        if ((shown == null || shown.length == 0) && current != null) {
            List<Identity> inForce = current.material().identities();
            return inForce.isEmpty()
                    ? List.of()
                    : uris(new Certificate[] {inForce.get(0).leaf()});
        }
        return uris(shown);
    }

    /** The URI names of what this side showed in the handshake; {@code uriSanLocalCertificate} in Envoy. */
    private static List<String> uris(Certificate[] shown) {
        try {
            return texts(PeerChain.of(shown).leaf().names(), SubjectAltNameMatcher.Type.URI);
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate of this side cannot be read: " + e.getMessage());
        }
    }

    private static List<String> texts(List<SubjectAltName> names, SubjectAltNameMatcher.Type type) {
        return names.stream()
                .filter(name -> name.type() == type)
                .map(SubjectAltName::text)
                .toList();
    }

    private static @Nullable PeerCertificate peer(SSLSession session, boolean verified, @Nullable Generation current) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain == null || chain.length == 0) {
                return null;
            }
            return of(chain, verified || (current != null && validated(chain, current)));
        } catch (SSLPeerUnverifiedException e) {
            return null; // it showed none
        } catch (CertificateException | IllegalArgumentException e) {
            throw new IllegalStateException("a certificate passed the handshake and cannot be read: " + e.getMessage());
        }
    }

    /** The handshake may have let anybody through, so it is looked at again. */
    private static boolean validated(Certificate[] chain, Generation current) {
        try {
            return current.material().rules().verify(chain, CertificatePurpose.CLIENT, "", List.of());
        } catch (CertificateException e) {
            return false;
        }
    }

    static PeerCertificate of(Certificate[] chain, boolean validated) throws CertificateException {
        PeerChain peer = PeerChain.of(chain);
        List<SubjectAltName> names = peer.leaf().names();
        List<String> uris = texts(names, SubjectAltNameMatcher.Type.URI);
        List<String> dnsNames = texts(names, SubjectAltNameMatcher.Type.DNS);
        List<String> otherNames = names.stream()
                .filter(name ->
                        name.type() != SubjectAltNameMatcher.Type.URI && name.type() != SubjectAltNameMatcher.Type.DNS)
                .map(SubjectAltName::text)
                .toList();
        StringBuilder chainPem = new StringBuilder();
        peer.encoded().forEach(each -> chainPem.append(Pem.write(LABEL, each)));
        return new PeerCertificate(
                uris,
                dnsNames,
                otherNames,
                DistinguishedName.text(peer.leaf().subject()),
                DistinguishedName.text(peer.leaf().issuer()),
                serial(peer.leaf().serial()),
                HexFormat.of().formatHex(peer.certificateSha256()),
                Pem.write(LABEL, peer.encoded().get(0)),
                chainPem.toString(),
                validated);
    }

    /** {@code BN_bn2hex}: whole bytes. */
    private static String serial(Der serial) {
        BigInteger number = new BigInteger(serial.expect(Der.INTEGER).content());
        String digits = number.abs().toString(16).toLowerCase(Locale.ROOT);
        String even = digits.length() % 2 == 0 ? digits : "0" + digits;
        return number.signum() < 0 ? "-" + even : even;
    }
}
