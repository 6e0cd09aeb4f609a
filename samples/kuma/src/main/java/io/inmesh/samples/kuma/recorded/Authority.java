package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * A certificate authority in place of the one whose identities were not recorded: keys and certificates are in memory only, and look as kuma-cp's do, keys in PKCS#1
 * included.
 */
public final class Authority {
    private static final Duration LIFE = Duration.ofHours(1);
    /** In PKCS#8 a key of 2048 bits comes after version, algorithm and the header of the octet string (RFC 5208, RFC 8017). */
    private static final int PKCS1_BEGINS = 26;

    private final X509Bundle root;
    /** Of all identities: a new one for each stream would cost more than all else that a scene does. */
    private final KeyPair leafKey;

    /** A new authority. */
    public Authority(String name) throws Exception {
        root = certificate("CN=" + name + ",OU=Mesh,O=Kuma")
                .setIsCertificateAuthority(true)
                // kuma-cp 3 issues in the name of no other.
                .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign)
                .buildSelfSigned();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        leafKey = generator.generateKeyPair();
    }

    /** Its certificate, in PEM. */
    public String certificate() {
        return root.getCertificatePEM();
    }

    /** Its key, in PEM, for a control plane of this machine that is to issue in its name. */
    public String privateKey() {
        return pkcs1(root.getKeyPair().getPrivate().getEncoded());
    }

    /** A new certificate under a secret's name. */
    public Secret identity(String secret, String... uris) throws Exception {
        CertificateBuilder leaf = certificate("O=Kuma")
                .keyPair(leafKey)
                .setKeyUsage(true, KeyUsage.digitalSignature, KeyUsage.keyEncipherment)
                .addExtendedKeyUsageServerAuth()
                .addExtendedKeyUsageClientAuth();
        for (String uri : uris) {
            leaf.addSanUriName(uri);
        }
        X509Bundle bundle = leaf.buildIssuedBy(root);
        return Secret.newBuilder()
                .setName(secret)
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(inline(bundle.getCertificatePEM()))
                        .setPrivateKey(inline(pkcs1(leafKey.getPrivate().getEncoded()))))
                .build();
    }

    /** What to trust, as a mesh with a builtin CA says it. */
    public Secret roots(String secret) {
        return Secret.newBuilder()
                .setName(secret)
                .setValidationContext(
                        CertificateValidationContext.newBuilder().setTrustedCa(inline(root.getCertificatePEM())))
                .build();
    }

    /** What to trust, as a MeshTrust says it. */
    public Secret trustBundle(String secret, String trustDomain) {
        return trustBundle(secret, Map.of(trustDomain, this));
    }

    /** What to trust, as the MeshTrusts of several trust domains say it. */
    public static Secret trustBundle(String secret, Map<String, Authority> trustDomains) {
        SPIFFECertValidatorConfig.Builder bundle = SPIFFECertValidatorConfig.newBuilder();
        trustDomains.forEach((name, authority) ->
                bundle.addTrustDomainsBuilder().setName(name).setTrustBundle(inline(authority.certificate())));
        return Secret.newBuilder()
                .setName(secret)
                .setValidationContext(CertificateValidationContext.newBuilder()
                        .setCustomValidatorConfig(TypedExtensionConfig.newBuilder()
                                .setName("envoy.tls.cert_validator.spiffe")
                                .setTypedConfig(Any.pack(bundle.build()))))
                .build();
    }

    private static DataSource inline(String pem) {
        return DataSource.newBuilder()
                .setInlineBytes(ByteString.copyFromUtf8(pem))
                .build();
    }

    private static String pkcs1(byte[] pkcs8) {
        byte[] key = Arrays.copyOfRange(pkcs8, PKCS1_BEGINS, pkcs8.length);
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(key);
        return "-----BEGIN RSA PRIVATE KEY-----\n" + text + "\n-----END RSA PRIVATE KEY-----\n";
    }

    private static CertificateBuilder certificate(String subject) {
        Instant now = Instant.now();
        return new CertificateBuilder()
                .rsa2048()
                .subject(subject)
                .notBefore(now.minus(Duration.ofMinutes(1)))
                .notAfter(now.plus(LIFE));
    }
}
