package io.inmesh.model;

/**
 * TLS of connections to hosts: {@code UpstreamTlsContext}.
 *
 * @param common               both sides' part
 * @param sni                  the server name to send, any text; empty for none
 * @param autoHostSni          {@code auto_host_sni}: the host's own name is sent instead, where it has one
 * @param autoSniSanValidation {@code auto_sni_san_validation}: a name in the certificate must equal the server name that was sent
 * @param maxSessionKeys       sessions kept for resumption, 1 by default, 0 for none
 */
public record UpstreamTls(
        TlsContext common, String sni, boolean autoHostSni, boolean autoSniSanValidation, int maxSessionKeys) {}
