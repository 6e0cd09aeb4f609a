package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.transport.Pem;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateRequestTest {
    @ParameterizedTest
    @EnumSource
    void pem_eachKeyType_isSignedAndNamesTheWorkload(KeyType type) throws Exception {
        KeyPair keys = type.generate();
        Pem block = Pem.read(
                        CertificateRequest.pem(keys, type, TestIdentity.WEB).getBytes(StandardCharsets.US_ASCII))
                .get(0);
        assertThat(block.label()).isEqualTo("CERTIFICATE REQUEST");
        PKCS10CertificationRequest request = new PKCS10CertificationRequest(block.bytes());
        assertThat(request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(keys.getPublic())))
                .isTrue();
        assertThat(request.getSubjectPublicKeyInfo().getEncoded())
                .isEqualTo(keys.getPublic().getEncoded());
        assertThat(request.getSubject().getRDNs()).isEmpty();
        Extensions extensions = request.getRequestedExtensions();
        assertThat(extensions.getExtension(Extension.subjectAlternativeName).isCritical())
                .isTrue();
        GeneralName[] names = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName)
                .getNames();
        assertThat(names).hasSize(1);
        assertThat(names[0].getTagNo()).isEqualTo(GeneralName.uniformResourceIdentifier);
        assertThat(names[0].getName()).hasToString(TestIdentity.WEB);
    }
}
