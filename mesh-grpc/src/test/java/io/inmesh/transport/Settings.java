package io.inmesh.transport;

import com.google.re2j.Pattern;
import io.inmesh.model.DataSource;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.Secret;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UpstreamTls;
import io.netty.pkitesting.X509Bundle;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** TLS settings in few words. */
final class Settings {
    private Settings() {}

    static Secret.Certificate certificate(X509Bundle bundle) {
        return Secret.Certificate.of(
                DataSource.Inline.of(bundle.getCertificatePathPEM()), DataSource.Inline.of(bundle.getPrivateKeyPEM()));
    }

    static Secret.Validation trust(X509Bundle... roots) {
        return Secret.Validation.of(pem(roots));
    }

    static DataSource pem(X509Bundle... certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Bundle each : certificates) {
            pem.append(each.getCertificatePEM()).append('\n');
        }
        return DataSource.Inline.of(pem.toString());
    }

    /** Those roots, and one of the names. */
    static Secret.Validation trust(X509Bundle root, SubjectAltNameMatcher name) {
        return named(trust(root), name);
    }

    static Secret.Validation named(Secret.Validation validation, SubjectAltNameMatcher... names) {
        return new Secret.Validation(
                validation.trustedCa(),
                validation.systemRoots(),
                validation.trustDomains(),
                List.of(names),
                validation.certificateSpki(),
                validation.certificateHashes(),
                validation.crl(),
                validation.onlyVerifyLeafCrl(),
                validation.allowExpiredCertificate(),
                validation.acceptUntrusted(),
                validation.maxVerifyDepth());
    }

    static SubjectAltNameMatcher exact(SubjectAltNameMatcher.Type type, String name) {
        return new SubjectAltNameMatcher(type, new StringMatcher.Exact(name, false), "");
    }

    static SubjectAltNameMatcher prefix(SubjectAltNameMatcher.Type type, String name) {
        return new SubjectAltNameMatcher(type, new StringMatcher.Prefix(name, false), "");
    }

    static SubjectAltNameMatcher regex(SubjectAltNameMatcher.Type type, String regex) {
        return new SubjectAltNameMatcher(type, new StringMatcher.Regex(Pattern.compile(regex)), "");
    }

    static TlsContext common(@Nullable X509Bundle own, Secret.@Nullable Validation peer, String... alpn) {
        return new TlsContext(
                TlsContext.Parameters.DEFAULT,
                own == null ? List.of() : List.of(new CertificateSource.Given(certificate(own))),
                peer,
                null,
                List.of(alpn));
    }

    /** A certificate whose chain is given. */
    static Secret.Certificate certificate(X509Bundle bundle, List<X509Certificate> shown) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate each : shown) {
            try {
                pem.append(Pem.write("CERTIFICATE", each.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e);
            }
        }
        return Secret.Certificate.of(
                DataSource.Inline.of(pem.toString()), DataSource.Inline.of(bundle.getPrivateKeyPEM()));
    }

    static TlsContext showing(Secret.Certificate own, String... alpn) {
        return new TlsContext(
                TlsContext.Parameters.DEFAULT, List.of(new CertificateSource.Given(own)), null, null, List.of(alpn));
    }

    static TlsContext sds(String own, String peer, String... alpn) {
        return new TlsContext(
                TlsContext.Parameters.DEFAULT,
                List.of(new CertificateSource.Sds(GivenSecrets.name(own))),
                null,
                GivenSecrets.name(peer),
                List.of(alpn));
    }

    static UpstreamTls client(TlsContext common) {
        return new UpstreamTls(common, "", false, false, 1);
    }

    static DownstreamTls server(TlsContext common, boolean requireClientCertificate) {
        return new DownstreamTls(common, requireClientCertificate, false, null, null, true, true, null, false);
    }
}
