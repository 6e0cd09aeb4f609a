package io.inmesh.http.envoy;

/** What is right or wrong on the client's side. */
enum Situation {
    GOOD,
    UNEXPECTED_SERVER_NAME,
    SERVER_OF_ANOTHER_ROOT,
    CLIENT_OF_ANOTHER_ROOT,
    CLIENT_OF_ANOTHER_TRUST_DOMAIN,
    CLIENT_EXPIRED,
    CLIENT_REVOKED,
    CLIENT_WITHOUT_CERTIFICATE,
    /** All is good, but ALPN is that of somebody outside of the mesh. */
    ORDINARY_ALPN,
    /** No TLS at all. */
    PLAINTEXT;

    /** The name of the client's certificate without the family; empty for none. */
    String identity() {
        return switch (this) {
            case CLIENT_WITHOUT_CERTIFICATE, PLAINTEXT -> "";
            case CLIENT_OF_ANOTHER_ROOT -> "client-stranger";
            case CLIENT_OF_ANOTHER_TRUST_DOMAIN -> "client-foreign";
            case CLIENT_EXPIRED -> "client-expired";
            case CLIENT_REVOKED -> "client-revoked";
            default -> "client";
        };
    }
}
