package io.inmesh.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS of connections that are accepted: {@code DownstreamTlsContext}.
 *
 * @param common                   both sides' part
 * @param requireClientCertificate whether a connection without a valid certificate of the client is refused
 * @param requireSni               whether a connection without a server name is refused
 * @param ticketKeys               keys for session tickets given in place, or null for keys of the process's own
 * @param ticketKeysSecret         such keys by SDS, or null
 * @param statelessResumption      whether session tickets are issued
 * @param statefulResumption       whether sessions are kept
 * @param sessionTimeout           how long a session may be resumed, or null for the default
 * @param preferClientCiphers      whether the client's order of ciphers counts
 */
public record DownstreamTls(
        TlsContext common,
        boolean requireClientCertificate,
        boolean requireSni,
        Secret.@Nullable TicketKeys ticketKeys,
        @Nullable SecretName ticketKeysSecret,
        boolean statelessResumption,
        boolean statefulResumption,
        @Nullable Duration sessionTimeout,
        boolean preferClientCiphers) {

    /** The secrets that it names. */
    public List<SecretName> secrets() {
        List<SecretName> names = new ArrayList<>(common.secrets());
        if (ticketKeysSecret != null) {
            names.add(ticketKeysSecret);
        }
        return names;
    }

    /** These settings with another {@code common_tls_context}. */
    public DownstreamTls with(TlsContext newCommon) {
        return new DownstreamTls(
                newCommon,
                requireClientCertificate,
                requireSni,
                ticketKeys,
                ticketKeysSecret,
                statelessResumption,
                statefulResumption,
                sessionTimeout,
                preferClientCiphers);
    }
}
