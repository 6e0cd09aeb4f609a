package io.inmesh.http.envoy;

import java.util.List;

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

    /** What clients try here: with a bad server, a good client has enough to complain about. */
    List<Situation> situations() {
        return this == STRICT || this == PERMISSIVE ? List.of(Situation.values()) : List.of(Situation.GOOD);
    }
}
