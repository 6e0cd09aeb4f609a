package io.inmesh.exchange;

import java.util.List;

/**
 * The certificate of the peer at the other end of a TLS connection, as policies look at it. It exists only if the peer showed one; whether it was verified is
 * {@link #validated()}.
 *
 * @param uris       URI subject alternative names, in the certificate's order
 * @param dnsNames   DNS subject alternative names
 * @param otherNames e-mail addresses, IP addresses and other names, as text, in the certificate's order
 * @param subject    the subject as Envoy prints it, RFC 2253; empty if it has none
 * @param issuer     the issuer in the same form
 * @param serial     the serial number in hexadecimal, lower case
 * @param sha256     the SHA-256 of the certificate in hexadecimal, lower case
 * @param pem        the certificate in PEM
 * @param chainPem   the whole chain that the peer sent, the leaf first, in PEM
 * @param validated  whether it was verified against roots
 */
public record PeerCertificate(
        List<String> uris,
        List<String> dnsNames,
        List<String> otherNames,
        String subject,
        String issuer,
        String serial,
        String sha256,
        String pem,
        String chainPem,
        boolean validated) {

    @Override
    public String toString() {
        return uris.isEmpty() ? "certificate " + subject : uris.get(0);
    }
}
