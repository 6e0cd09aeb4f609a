package io.inmesh.inbound;

import io.inmesh.exchange.DownstreamConnection.Tls;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.model.ClientRules;
import io.inmesh.model.ClientRules.CertificateDetails;
import io.inmesh.model.ClientRules.ClientCertificate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code x-forwarded-client-cert}: {@code ConnectionManagerUtility::mutateXfccRequestHeader}. */
final class ClientCertificateHeader {
    private static final String NAME = "x-forwarded-client-cert";

    private ClientCertificateHeader() {}

    static void apply(Headers headers, @Nullable Tls tls, ClientRules rules) {
        ClientCertificate mode = rules.clientCertificate();
        if (mode == ClientCertificate.ALWAYS_FORWARD_ONLY) {
            join(headers);
            return;
        }
        PeerCertificate peer = tls == null ? null : tls.verifiedPeer();
        if (mode == ClientCertificate.SANITIZE || tls == null || peer == null) {
            headers.remove(NAME);
            return;
        }
        if (mode == ClientCertificate.FORWARD_ONLY) {
            join(headers);
            return;
        }
        String own = describe(tls, peer, rules.certificateDetails());
        List<String> before = mode == ClientCertificate.APPEND_FORWARD ? headers.all(NAME) : List.of();
        headers.set(NAME, before.isEmpty() ? own : String.join(",", before) + "," + own);
    }

    /** Several fields are one for Envoy. */
    private static void join(Headers headers) {
        int first = headers.indexOf(NAME, 0);
        if (first >= 0 && headers.indexOf(NAME, first + 1) >= 0) {
            headers.set(NAME, String.join(",", headers.all(NAME)));
        }
    }

    private static String describe(Tls tls, PeerCertificate peer, CertificateDetails details) {
        StringBuilder text = new StringBuilder();
        tls.localUris().forEach(uri -> add(text, "By=", uri));
        if (!peer.sha256().isEmpty()) {
            add(text, "Hash=", peer.sha256());
        }
        if (details.cert()) {
            add(text, "Cert=", quoted(escaped(peer.pem())));
        }
        if (details.chain()) {
            add(text, "Chain=", quoted(escaped(peer.chainPem())));
        }
        if (details.subject()) {
            add(text, "Subject=", quoted(peer.subject()));
        }
        if (details.uri()) {
            peer.uris().forEach(uri -> add(text, "URI=", uri));
            if (peer.uris().isEmpty()) {
                add(text, "URI=", "");
            }
        }
        if (details.dns()) {
            peer.dnsNames().forEach(name -> add(text, "DNS=", name));
        }
        return text.toString();
    }

    private static void add(StringBuilder text, String key, String value) {
        text.append(text.isEmpty() ? "" : ";").append(key).append(value);
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    /** As Envoy's {@code urlEncodedPemEncodedPeerCertificate}: everything of PEM that is neither letter nor digit nor one of these is escaped. */
    private static String escaped(String pem) {
        StringBuilder text = new StringBuilder(pem.length() * 5 / 4);
        for (byte each : pem.getBytes(StandardCharsets.UTF_8)) {
            char character = (char) (each & 0xff);
            if (character > ' ' && character < 0x7f && "\n+/=".indexOf(character) < 0) {
                text.append(character);
            } else {
                text.append(String.format(Locale.ROOT, "%%%02X", each));
            }
        }
        return text.toString();
    }
}
