package io.inmesh.transport;

import static io.inmesh.transport.Settings.trust;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.Secret;
import io.netty.pkitesting.X509Bundle;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A certificate without an issuer, such as kuma-cp makes for itself: BoringSSL takes it, the JDK does not parse it. */
class EmptyIssuerTest {

    /** The same certificate with empty names, signed anew. */
    static byte[] withoutNames(X509Bundle bundle) throws Exception {
        Der certificate = Der.read(bundle.getCertificate().getEncoded());
        List<Der> fields = certificate.child(0).children();
        byte[][] parts = new byte[fields.size()][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] =
                    i == 3 || i == 5 ? Der.write(Der.SEQUENCE) : fields.get(i).encoded();
        }
        byte[] content = Der.write(Der.SEQUENCE, parts);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(bundle.getKeyPair().getPrivate());
        signature.update(content);
        return Der.write(
                Der.SEQUENCE,
                content,
                certificate.child(1).encoded(),
                Der.write(Der.BIT_STRING, new byte[] {0}, signature.sign()));
    }

    private static PeerRules rules(Secret.Validation validation) throws Exception {
        return PeerRules.read(validation, false, new DataReader(TlsOptions.DEFAULT, name -> null), Clock.systemUTC());
    }

    private static Secret.Validation pinned(String spki, String hash) {
        return new Secret.Validation(
                null,
                false,
                null,
                List.of(),
                spki.isEmpty() ? List.of() : List.of(spki),
                hash.isEmpty() ? List.of() : List.of(hash),
                null,
                false,
                false,
                false,
                -1);
    }

    @Test
    void verify_pinned_isAcceptedWithoutTheJdksParser() throws Exception {
        X509Bundle bundle = MeshTlsTest.root("soon without a name");
        byte[] der = withoutNames(bundle);
        Certificate[] chain = {new Encoded(der)};
        String spki = Base64.getEncoder()
                .encodeToString(PeerChain.sha256(bundle.getKeyPair().getPublic().getEncoded()));
        String hash = HexFormat.of().formatHex(PeerChain.sha256(der));
        assertThatThrownBy(() -> Identity.parse(der))
                .as("else this proves nothing")
                .isInstanceOf(CertificateException.class);

        assertThat(rules(pinned(spki, "")).verify(chain, CertificatePurpose.SERVER, "", List.of()))
                .isTrue();
        assertThat(rules(pinned("", hash)).verify(chain, CertificatePurpose.SERVER, "", List.of()))
                .isTrue();
        assertThatThrownBy(() ->
                        rules(pinned("", "00".repeat(32))).verify(chain, CertificatePurpose.SERVER, "", List.of()))
                .isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> rules(trust(bundle)).verify(chain, CertificatePurpose.SERVER, "", List.of()))
                .isInstanceOf(CertificateException.class);
        assertThat(PeerFacts.of(chain, true).subject()).isEmpty();
    }

    /** As netty-tcnative hands certificates on: bytes that nobody has parsed. */
    @SuppressWarnings("serial")
    private static final class Encoded extends Certificate {
        private final byte[] der;

        Encoded(byte[] der) {
            super("X.509");
            this.der = der;
        }

        @Override
        public byte[] getEncoded() {
            return der.clone();
        }

        @Override
        public void verify(PublicKey key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void verify(PublicKey key, String provider) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String toString() {
            return "Encoded";
        }

        @Override
        public PublicKey getPublicKey() {
            throw new UnsupportedOperationException();
        }
    }
}
