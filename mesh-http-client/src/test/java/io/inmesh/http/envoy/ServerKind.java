package io.inmesh.http.envoy;

/** A port: which connections it takes, and what certificate it shows. */
enum ServerKind {
    STRICT(false, "server"),
    PERMISSIVE(true, "server"),
    EXPIRED(false, "server-expired"),
    REVOKED(false, "server-revoked");

    final boolean permissive;
    final String identity;

    ServerKind(boolean permissive, String identity) {
        this.permissive = permissive;
        this.identity = identity;
    }
}
