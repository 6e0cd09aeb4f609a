package io.inmesh.http.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig.TrustDomain;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.transport.Revocation;
import io.inmesh.xds.testing.Resources;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All certificates of a mesh, good and bad, as the secrets that its control plane gives. */
final class Credentials {
    private final MeshFamily family;
    private final X509Bundle root = root("root");
    private final X509Bundle partner = root("partner root");
    private final Instant now = Instant.now();
    private final List<Secret> secrets = new ArrayList<>();

    private Credentials(MeshFamily family) {
        this.family = family;
    }

    /** The name of a secret of a mesh. */
    static String name(MeshFamily family, String what) {
        return family.name().toLowerCase(Locale.ROOT) + "-" + what;
    }

    /** The secrets of a mesh. */
    static List<Secret> of(MeshFamily family) {
        return new Credentials(family).make();
    }

    private List<Secret> make() {
        List<X509Bundle> revoked = new ArrayList<>();
        for (String side : List.of("client", "server")) {
            List<String> names = side.equals("client") ? family.clientNames() : family.serverNames();
            add(side, issued(names, root));
            add(side + "-stranger", issued(names, partner));
            add(
                    side + "-foreign",
                    issued(
                            List.of("spiffe://" + MeshFamily.PARTNER + "/ns/default/sa/" + side),
                            family.usesSpiffeValidator() ? partner : root));
            add(side + "-expired", issued(names, root, now.minus(Duration.ofMinutes(5))));
            X509Bundle withdrawn = issued(names, root);
            revoked.add(withdrawn);
            add(side + "-revoked", withdrawn);
        }
        String list = revocations(revoked);
        CertificateValidationContext.Builder roots =
                CertificateValidationContext.newBuilder().setCrl(inline(list));
        CertificateValidationContext.Builder others = CertificateValidationContext.newBuilder();
        if (family.usesSpiffeValidator()) {
            trust(roots, domain(family.trustDomain, root), domain(MeshFamily.PARTNER, partner));
            trust(others, domain(family.trustDomain, partner));
        } else {
            roots.setTrustedCa(inline(root.getCertificatePEM()));
            others.setTrustedCa(inline(partner.getCertificatePEM()));
        }
        add("roots", roots);
        add("other-roots", others);
        return secrets;
    }

    private String revocations(List<X509Bundle> revoked) {
        try {
            return Revocation.list(root, now.plus(Duration.ofHours(1)), revoked.toArray(X509Bundle[]::new));
        } catch (Exception e) {
            throw new IllegalStateException("no revocation list", e);
        }
    }

    private void add(String what, X509Bundle identity) {
        secrets.add(Resources.certificate(
                name(family, what), identity.getCertificatePathPEM(), identity.getPrivateKeyPEM()));
    }

    private void add(String what, CertificateValidationContext.Builder validation) {
        secrets.add(Secret.newBuilder()
                .setName(name(family, what))
                .setValidationContext(validation)
                .build());
    }

    private static void trust(CertificateValidationContext.Builder validation, TrustDomain... domains) {
        validation
                .getCustomValidatorConfigBuilder()
                .setName("envoy.tls.cert_validator.spiffe")
                .setTypedConfig(Any.pack(SPIFFECertValidatorConfig.newBuilder()
                        .addAllTrustDomains(List.of(domains))
                        .build()));
    }

    private static TrustDomain domain(String name, X509Bundle root) {
        return TrustDomain.newBuilder()
                .setName(name)
                .setTrustBundle(inline(root.getCertificatePEM()))
                .build();
    }

    private static DataSource inline(String text) {
        return DataSource.newBuilder().setInlineString(text).build();
    }

    private X509Bundle issued(List<String> uris, X509Bundle issuer) {
        return issued(uris, issuer, now.plus(Duration.ofHours(1)));
    }

    private X509Bundle issued(List<String> uris, X509Bundle issuer, Instant end) {
        try {
            CertificateBuilder builder = new CertificateBuilder()
                    .ecp256()
                    .subject("O=Inmesh, CN=workload")
                    .notBefore(now.minus(Duration.ofHours(1)))
                    .notAfter(end)
                    .setKeyUsage(true, KeyUsage.digitalSignature);
            for (String uri : uris) {
                builder.addSanUriName(uri);
            }
            return builder.buildIssuedBy(issuer);
        } catch (Exception e) {
            throw new IllegalStateException("no certificate", e);
        }
    }

    private static X509Bundle root(String name) {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException("no root", e);
        }
    }
}
