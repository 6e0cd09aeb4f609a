package io.inmesh.model;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP connection manager makes of the connection that a request comes in on, and of the headers that only a mesh may set. Requests that start in this
 * process have no such connection.
 *
 * @param clientCertificate       {@code forward_client_cert_details}
 * @param certificateDetails      {@code set_current_client_cert_details}
 * @param useRemoteAddress        {@code use_remote_address}: the socket's peer is the client, as at the edge of a mesh
 * @param trustedHops             {@code xff_num_trusted_hops}
 * @param skipForwardedForAppend  {@code skip_xff_append}
 * @param appendForwardedPort     {@code append_x_forwarded_port}
 * @param internalAddresses       {@code internal_address_config}: addresses whose requests may say how they are to be handled
 * @param generateRequestId       {@code generate_request_id}
 * @param preserveRequestId       {@code preserve_external_request_id}
 * @param alwaysReturnRequestId   {@code always_set_request_id_in_response}
 * @param serverName              {@code server_name}
 * @param serverHeader            {@code server_header_transformation}
 * @param via                     {@code via}, or empty
 * @param scheme                  {@code scheme_header_transformation}, or null
 * @param underscores             {@code headers_with_underscores_action}
 * @param maxHeadersKib           {@code max_request_headers_kb}
 * @param maxHeaders              {@code max_headers_count}
 * @param requestHeadersTimeout   {@code request_headers_timeout}, for those who read the wire; null for none
 * @param maxStreamDuration       {@code max_stream_duration}; null for none
 * @param idleTimeout             {@code idle_timeout} of the connection; null for none. Servers that have no such means keep their own
 * @param maxConnectionDuration   {@code max_connection_duration}; null for none. Likewise
 * @param maxRequestsOfConnection {@code max_requests_per_connection}; 0 for any number
 * @param upgrades                {@code upgrade_configs}: the protocols that a request may change to, in lower case
 */
public record ClientRules(
        ClientCertificate clientCertificate,
        CertificateDetails certificateDetails,
        boolean useRemoteAddress,
        int trustedHops,
        boolean skipForwardedForAppend,
        boolean appendForwardedPort,
        List<CidrRange> internalAddresses,
        boolean generateRequestId,
        boolean preserveRequestId,
        boolean alwaysReturnRequestId,
        String serverName,
        ServerHeader serverHeader,
        String via,
        @Nullable String scheme,
        Underscores underscores,
        int maxHeadersKib,
        int maxHeaders,
        @Nullable Duration requestHeadersTimeout,
        @Nullable Duration maxStreamDuration,
        @Nullable Duration idleTimeout,
        @Nullable Duration maxConnectionDuration,
        int maxRequestsOfConnection,
        Set<String> upgrades) {

    /** Envoy's. */
    public static final ClientRules DEFAULT = new ClientRules(
            ClientCertificate.SANITIZE,
            CertificateDetails.NONE,
            false,
            0,
            false,
            false,
            List.of(),
            true,
            false,
            false,
            "envoy",
            ServerHeader.OVERWRITE,
            "",
            null,
            Underscores.ALLOW,
            60,
            100,
            null,
            null,
            Duration.ofHours(1),
            null,
            0,
            Set.of());

    /** The same with other limits of a connection's time. */
    public ClientRules withConnectionLimits(@Nullable Duration newIdleTimeout, @Nullable Duration newMaxDuration) {
        return new ClientRules(
                clientCertificate,
                certificateDetails,
                useRemoteAddress,
                trustedHops,
                skipForwardedForAppend,
                appendForwardedPort,
                internalAddresses,
                generateRequestId,
                preserveRequestId,
                alwaysReturnRequestId,
                serverName,
                serverHeader,
                via,
                scheme,
                underscores,
                maxHeadersKib,
                maxHeaders,
                requestHeadersTimeout,
                maxStreamDuration,
                newIdleTimeout,
                newMaxDuration,
                maxRequestsOfConnection,
                upgrades);
    }

    /** The same with other rules for {@code x-forwarded-client-cert}. */
    public ClientRules withClientCertificate(ClientCertificate mode, CertificateDetails details) {
        return new ClientRules(
                mode,
                details,
                useRemoteAddress,
                trustedHops,
                skipForwardedForAppend,
                appendForwardedPort,
                internalAddresses,
                generateRequestId,
                preserveRequestId,
                alwaysReturnRequestId,
                serverName,
                serverHeader,
                via,
                scheme,
                underscores,
                maxHeadersKib,
                maxHeaders,
                requestHeadersTimeout,
                maxStreamDuration,
                idleTimeout,
                maxConnectionDuration,
                maxRequestsOfConnection,
                upgrades);
    }

    /** {@code ForwardClientCertDetails}: what becomes of {@code x-forwarded-client-cert}. */
    public enum ClientCertificate {
        /** It is taken away. */
        SANITIZE,
        /** It stays if the client has shown a certificate. */
        FORWARD_ONLY,
        /** The client's certificate is added to it. */
        APPEND_FORWARD,
        /** The client's certificate takes its place. */
        SANITIZE_SET,
        /** It stays. */
        ALWAYS_FORWARD_ONLY
    }

    /**
     * {@code SetCurrentClientCertDetails}: what is told of a certificate beside its hash.
     *
     * @param subject the subject
     * @param cert    the certificate
     * @param chain   the chain that the client sent
     * @param dns     DNS names
     * @param uri     URI names
     */
    public record CertificateDetails(boolean subject, boolean cert, boolean chain, boolean dns, boolean uri) {
        /** The hash only. */
        public static final CertificateDetails NONE = new CertificateDetails(false, false, false, false, false);
    }

    /** {@code ServerHeaderTransformation}. */
    public enum ServerHeader {
        /** {@code server} is the connection manager's. */
        OVERWRITE,
        /** Unless the application gives one. */
        APPEND_IF_ABSENT,
        /** As the application gives it. */
        PASS_THROUGH
    }

    /** {@code HeadersWithUnderscoresAction}. */
    public enum Underscores {
        /** They are headers as others are. */
        ALLOW,
        /** 400. */
        REJECT_REQUEST,
        /** They are taken away. */
        DROP_HEADER
    }
}
