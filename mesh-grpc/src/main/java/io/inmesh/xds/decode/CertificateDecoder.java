package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.WatchedDirectory;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import org.jspecify.annotations.Nullable;

/** {@code TlsCertificate} and {@code TlsSessionTicketKeys}. */
final class CertificateDecoder {
    private static final int TICKET_KEY_BYTES = 80;

    private CertificateDecoder() {}

    static Secret.Certificate certificate(TlsCertificate certificate, String path) {
        WatchedDirectory around = certificate.getWatchedDirectory();
        DataSource chain =
                DataSourceDecoder.decode(certificate.getCertificateChain(), certificate.hasCertificateChain(), around);
        DataSource key = DataSourceDecoder.decode(certificate.getPrivateKey(), certificate.hasPrivateKey(), around);
        DataSource container = DataSourceDecoder.decode(certificate.getPkcs12(), certificate.hasPkcs12(), around);
        DataSource password = DataSourceDecoder.decode(certificate.getPassword(), certificate.hasPassword(), around);
        if (container != null) {
            requireAlone(chain, path, "certificate_chain");
            requireAlone(key, path, "private_key");
        } else if (!certificate.hasPrivateKeyProvider()) {
            require(chain, path, "certificate_chain");
            require(key, path, "private_key");
        }
        return new Secret.Certificate(chain, key, password, container);
    }

    private static void requireAlone(@Nullable DataSource other, String path, String field) {
        if (other != null) {
            throw new BadResourceException(Paths.child(path, field), "must not be set beside pkcs12");
        }
    }

    private static void require(@Nullable DataSource part, String path, String field) {
        if (part == null) {
            throw new BadResourceException(Paths.child(path, field), "is required of a certificate");
        }
    }

    static Secret.TicketKeys ticketKeys(TlsSessionTicketKeys keys, String path) {
        return new Secret.TicketKeys(Values.each(keys.getKeysList(), path, "keys", CertificateDecoder::ticketKey));
    }

    private static DataSource ticketKey(io.envoyproxy.envoy.config.core.v3.DataSource source, String path) {
        DataSource key = DataSourceDecoder.decode(source, true, WatchedDirectory.getDefaultInstance());
        boolean wrong = key instanceof DataSource.Inline inline && inline.bytes().length != TICKET_KEY_BYTES;
        if (key == null || wrong) {
            throw new BadResourceException(path, "must have " + TICKET_KEY_BYTES + " bytes");
        }
        return key;
    }
}
