package io.inmesh.identity;

import io.inmesh.model.SecretName;

/**
 * Which names of secrets mean the workload's own certificate and the roots that it trusts. Control planes that leave identities to an agent beside
 * the workload name such secrets, and never send them.
 *
 * @param source      where a configuration says that they come from, as in {@link SecretName#source}; a {@code *} at the end stands for any rest
 * @param certificate the name of certificate and key
 * @param roots       the name of the roots
 */
public record IdentityNames(String source, String certificate, String roots) {

    /**
     * {@code default} and {@code ROOTCA} of any SDS server that is not the control plane itself: what Istio's sidecars are sent (cluster
     * {@code sds-grpc}), and what SPIRE's agent calls them too.
     */
    public static final IdentityNames WORKLOAD = new IdentityNames("cluster:*", "default", "ROOTCA");

    /** The same names of another source. */
    public IdentityNames ofSource(String newSource) {
        return new IdentityNames(newSource, certificate, roots);
    }

    boolean isOfSource(SecretName name) {
        return source.endsWith("*")
                ? name.source().startsWith(source.substring(0, source.length() - 1))
                : name.source().equals(source);
    }

    boolean includes(SecretName name) {
        return isOfSource(name)
                && (name.name().equals(certificate) || name.name().equals(roots));
    }

    /** Which of the two one of these names means. */
    IdentityPart partOf(SecretName name) {
        if (!includes(name)) {
            throw new IllegalArgumentException(name + " is not one of " + this);
        }
        return name.name().equals(certificate) ? IdentityPart.CERTIFICATE : IdentityPart.ROOTS;
    }
}
