package io.inmesh.xds.decode;

/** TLS of a cluster or of a secret, written as an operator would write it. */
final class TlsYaml {
    private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.";

    private TlsYaml() {}

    /** {@code UPSTREAM[fields]}, {@code RAW}, {@code SPIFFE[fields]} and the like, written out. */
    static String expand(String yaml) {
        return yaml.replace("RAW", "{name: raw, typed_config: {" + TYPE + "raw_buffer.v3.RawBuffer}}")
                .replace("UPSTREAM[", "{name: tls, typed_config: {" + TYPE + "tls.v3.UpstreamTlsContext, ")
                .replace(
                        "SPIFFE[",
                        "{name: envoy.tls.cert_validator.spiffe, typed_config: {" + TYPE
                                + "tls.v3.SPIFFECertValidatorConfig, ")
                .replace("]~", "}}")
                .replace("CERT", "{certificate_chain: {filename: /c.pem}, private_key: {filename: /k.pem}}")
                .replace("CA", "trusted_ca: {filename: /ca.pem}")
                .replace("ADS", "sds_config: {ads: {}}");
    }

    /** A cluster with that TLS. */
    static Decoded<DecodedCluster> upstream(String context) {
        return Yaml.cluster(expand("transport_socket: UPSTREAM[" + context + "]~"));
    }
}
