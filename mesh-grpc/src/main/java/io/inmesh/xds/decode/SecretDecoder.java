package io.inmesh.xds.decode;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;

/** {@code envoy.extensions.transport_sockets.tls.v3.Secret}. Nothing of its content gets into a text. */
final class SecretDecoder {
    private SecretDecoder() {}

    /** Decodes a secret. One that cannot be used as it is meant is rejected, so that the last good one stays in force. */
    static io.inmesh.model.Secret decode(Secret secret, Notes notes) {
        Refusal refusal = new Refusal();
        FieldAudit.check(secret, "", notes, refusal);
        io.inmesh.model.Secret decoded =
                switch (secret.getTypeCase()) {
                    case TLS_CERTIFICATE ->
                        CertificateDecoder.certificate(secret.getTlsCertificate(), "tls_certificate");
                    case VALIDATION_CONTEXT ->
                        ValidationDecoder.decode(secret.getValidationContext(), "validation_context", notes, refusal);
                    case SESSION_TICKET_KEYS ->
                        CertificateDecoder.ticketKeys(secret.getSessionTicketKeys(), "session_ticket_keys");
                    case GENERIC_SECRET ->
                        throw new BadResourceException("generic_secret", "is nothing that TLS could use");
                    case TYPE_NOT_SET ->
                        throw new BadResourceException("", "has neither a certificate nor roots nor keys");
                };
        String reason = refusal.reason();
        if (reason != null) {
            throw new BadResourceException("", reason);
        }
        return decoded;
    }
}
