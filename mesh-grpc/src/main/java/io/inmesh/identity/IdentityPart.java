package io.inmesh.identity;

/** The two secrets of an identity. */
enum IdentityPart {
    /** The workload's certificate chain and its key. */
    CERTIFICATE,
    /** Whom the workload trusts. */
    ROOTS
}
